package code

import (
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Want is one property of a resource in code that a control's fix sets.
type Want struct {
	Control  string
	Type     *control.Type
	Resource resource.Ref
	Property string
	// Before is what the code gives now, with the service's default for what
	// it leaves out; After is what makes the control pass.
	Before, After resource.Value
	// At is where the property stands, with the place that decides it in
	// Defined; the zero Origin when the code leaves the property out.
	At resource.Origin
}

// Spot is the one place that decides a property: an attribute, the argument of
// a module call, the default of a variable, a line of a variables file, a
// property of a template or the default of one of its parameters. Two wants
// that rest on the same place have equal spots.
type Spot struct {
	// File is named as the resource's origin names it.
	File string
	// Key tells the spots of a file apart and means something to the language
	// alone.
	Key string
	// Line is where the value stands, from 1; where it is to be inserted, the
	// first line of what it is inserted into.
	Line int
	// Address is what people call the place: aws_neptune_cluster.main,
	// var.days, module.graph, Parameters.Days.
	Address string
	// Name is what is set there: backup_retention_period, default, days.
	Name string
	// Insert tells a value that is not there yet.
	Insert bool
}

// Setting gives a spot its new value.
type Setting struct {
	Spot  Spot
	Value resource.Value
}

// Language finds and writes values in one language of code. It keeps what it
// does not change: comments, order, line ends, indentation.
type Language interface {
	// Place finds the spot that decides a want, or says why there is none that
	// may be edited. Exactly one of them is not nil unless there is an error.
	Place(files *Files, w *Want) (*Spot, *Left, error)
	// Write returns the content with all settings made. The settings are all
	// of one file, and every one is of a spot that Place has returned.
	Write(file string, content []byte, settings []Setting) ([]byte, error)
}

// Left is a want that is left to a person.
type Left struct {
	Control  string       `json:"control"`
	Resource resource.Ref `json:"resource"`
	Property string       `json:"property"`
	Reason   string       `json:"reason"` // one of the Left constants
	Detail   string       `json:"detail"`
	// File and Line are the place to change by hand, where it is known.
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
}

// The reasons for which a want is left.
const (
	LeftComputed  = "computed" // an expression decides, and no single value in it
	LeftUpstream  = "upstream" // the place belongs to others: a downloaded module, a generated file
	LeftOutside   = "outside"  // the value comes from the command line, the environment or a plan
	LeftConflict  = "conflict" // wants that share the place would set it to different values
	LeftReplaces  = "replaces" // deploying the change would replace the resource, with its data
	LeftAccept    = "accept"   // the change is made only when accepted by name
	LeftNoName    = "no-name"  // the language has no attribute for the property
	LeftNotProven = "unproven" // scanned again with the edit, the control would still not pass
	LeftUnread    = "unread"   // a property that the fix needs is not known
	LeftExcepted  = "excepted" // somebody accepted the finding
	LeftNoFix     = "no-fix"   // the control knows no value that would fix it
	LeftStale     = "stale"    // the file is no longer the one that was judged
)
