// Package apply plans the fixes of the controls of RDS, which are those of
// Aurora, of Multi-AZ DB clusters and of DB instances, and makes their calls.
//
// It knows what the engines allow, what waits for a maintenance window and what
// restarts an instance. How single objects are read and changed it leaves to the
// control plane that RDS shares, and order, waiting and undoing to package fix.
package apply
