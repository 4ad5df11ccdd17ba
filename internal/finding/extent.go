package finding

// Place is what coverage counts: a region of an account, or a file. An account
// without a region stands for the whole account.
type Place struct {
	Account string `json:"account,omitempty"`
	Region  string `json:"region,omitempty"`
	File    string `json:"file,omitempty"`
}

// Extent is how far a scan has looked. Nothing can be said of what lies beyond.
type Extent struct {
	// Known are the ids of all controls there are, Judged of those chosen.
	Known, Judged []string
	// Read are the places that were read in full, Unread those with a gap.
	Read, Unread []Place
}
