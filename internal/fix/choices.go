package fix

// Choices are what a person may choose for the plans of all services.
type Choices struct {
	// Key is the KMS key for what gets encrypted: an ARN, an id or an alias in
	// the resource's region. Empty means the service's own key.
	Key string
	// NoRestart leaves out restarts: what needs one is set and takes effect
	// when somebody restarts.
	NoRestart bool
	// Now makes what would wait for the maintenance window happen at once.
	Now bool
}
