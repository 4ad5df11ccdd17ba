// Package prevent holds policies of AWS Organizations that keep a fault from
// being made at all: service control policies and declarative policies.
//
// A policy is data, one YAML file beside the service, keyed by the controls it
// serves, with a sentence on what it does and one on what it cannot do. Most
// controls have none, because AWS has no condition to write one with. Rules for
// CloudFormation Guard, which are derived from the controls themselves, are
// written by the package below this one.
package prevent
