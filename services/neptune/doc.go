// Package neptune is everything that Holdfast knows of Amazon Neptune: its
// controls and resource types as YAML, and how they are read from AWS. How
// they are changed stands in the package apply below it.
//
// Neptune shares the control plane of RDS, so every call goes to the rds
// endpoint and may answer with clusters of other engines. Each object's own
// engine is checked before it is taken for Neptune.
package neptune
