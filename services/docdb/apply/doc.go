// Package apply plans the fixes of DocumentDB's controls and makes their calls.
//
// It knows what DocumentDB allows; how single objects are read and changed it
// leaves to the control plane that DocumentDB shares, and order, waiting and
// undoing to package fix.
package apply
