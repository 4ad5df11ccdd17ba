// Package config reads holdfast.yaml: the settings that flags also set, and
// the exceptions.
//
// It is strict: an unknown field, a wrong date or a rule without a reason is an
// error with file, line and field. It opens no connection and applies nothing.
package config
