// Package docdb is everything that Holdfast knows of DocumentDB's instance-based
// clusters: the controls and resource types beside this file, and the words that
// AWS, Terraform and CloudFormation have for them.
//
// Its nouns are those of AWS: cluster, instance, cluster snapshot. It reads and
// must not write. Elastic clusters are another service with another API.
package docdb
