package snapshot

import "time"

// Taken tells when a snapshot was taken, in UTC. What it holds was so then.
func Taken(name string) (time.Time, error) {
	opened, err := open(name)
	if err != nil {
		return time.Time{}, err
	}
	return opened.head.Taken.UTC(), opened.close()
}
