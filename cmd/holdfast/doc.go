// Command holdfast checks AWS accounts against Security Hub controls, plans
// and applies fixes, proves them and can undo them.
//
// Everything it does is in the packages below internal and services; here the
// process meets the system.
package main
