// Package dynamodb is everything that Holdfast knows of Amazon DynamoDB: its
// controls and resource types as YAML, and how tables are read from AWS and
// from code.
//
// The list of tables holds names alone. What a table is set to takes calls per
// table, so each is made only when some control reads what it yields.
package dynamodb
