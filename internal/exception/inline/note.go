package inline

import (
	"fmt"
	"time"

	"github.com/holdfast-aws/holdfast/internal/exception"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// note is what one remark says of one thing that it accepts.
type note struct {
	controls []string // ids and globs of controls
	foreign  string   // the id under which another tool knows it; "" in Holdfast's own form
	reason   string
	owner    string
	until    time.Time
	// conditions must hold of the resource, by the names of the code.
	conditions map[string]string
	// file is true for what is said of the whole file.
	file bool
	// loose is true for what covers more than is known here, so that nobody can
	// tell that it is of no use.
	loose bool

	text  string // as it is written
	cause string // what is wrong with it; "" when nothing is
	at    resource.Origin
}

// fail keeps the first thing that is wrong.
func (n *note) fail(format string, args ...any) {
	if n.cause == "" {
		n.cause = fmt.Sprintf(format, args...)
	}
}

// set takes one field.
func (n *note) set(name, value string) {
	switch name {
	case "reason":
		n.reason = value
	case "owner":
		n.owner = value
	case "until":
		n.setDay(value)
	default:
		n.fail("%s= is none of reason=, until=, owner=", name)
	}
}

func (n *note) setDay(text string) {
	day, err := time.Parse(exception.Day, text)
	if err != nil {
		n.fail("%q is no day such as 2027-01-31", text)
	}
	n.until = day
}

// complete checks what Holdfast's own form must have.
func (n *note) complete() {
	switch {
	case len(n.controls) == 0:
		n.fail("it names no control")
	case n.reason == "":
		n.fail("it gives no reason")
	}
}

// source names the place for a reader.
func (n *note) source() string {
	if n.at.File == "" {
		return n.at.Address
	}
	return fmt.Sprintf("%s:%d", n.at.File, n.at.Line)
}
