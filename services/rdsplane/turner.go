package rdsplane

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
)

// turner watches the pages of a list while they are turned.
type turner struct {
	marker        string
	last, current map[string]bool // identifiers on the page before and on this one
}

const (
	errNoList    = awsconn.OddAnswerError("the answer holds no list, not even an empty one")
	errSameAgain = awsconn.OddAnswerError("the answer points back to its own page: what follows cannot be read")
)

// check looks at a page as a whole. The SDK takes an answer without a body for
// an empty page and a marker that never moves for ever more pages: the one
// would pass for an account without clusters, the other would not end.
func (t *turner) check(hasList bool, next *string) error {
	if !hasList {
		return errNoList
	}
	if next := aws.ToString(next); next != "" && next == t.marker {
		return errSameAgain
	}
	t.marker = aws.ToString(next)
	t.last, t.current = t.current, make(map[string]bool, pageSize)
	return nil
}

// again reports whether a resource stood on this page or the one before
// already: the list moves on when something is created while it is read.
func (t *turner) again(id string) bool {
	seen := t.last[id] || t.current[id]
	t.current[id] = true
	return seen
}
