package saved

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
)

// Error says where a saved scan could not be read.
type Error struct {
	Line  int    // from 1
	Field string // for example findings[12].resource.region, items counted from 0; may be empty
	Err   error
}

func (e *Error) Error() string {
	if e.Field == "" {
		return fmt.Sprintf("line %d: %v", e.Line, e.Err)
	}
	return fmt.Sprintf("line %d: %s: %v", e.Line, report.Shorten(report.Clean(e.Field), 120), e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// Hint says how to get a file that can be read.
func (e *Error) Hint() string { return "holdfast scan --format json --output result.json" }

// VersionError says that a file was written in another version of the format.
type VersionError struct{ Got int }

func (e *VersionError) Error() string {
	return fmt.Sprintf("the file has format %d and this version of holdfast reads format %d", e.Got, report.Format)
}

var (
	errNoScan  = errors.New("the file is no scan that holdfast saved as json or ndjson")
	errFollows = errors.New("something follows the end of the scan")
)

// Read replays a scan saved as json or ndjson; which of the two is found out
// by its first field. Findings and gaps come in the order of the file. Errors
// are *Error, except those of the handler, which come back as they are.
//
// The pointers given to the handler are valid during the call; what they point
// to may be kept.
func Read(in io.Reader, h finding.Handler) error {
	r := &reader{source: newSource(in), handler: h}
	switch key, _, err := r.next(); {
	case err == io.EOF:
		return r.fail("", errors.New("the file is empty"))
	case err != nil:
		return err
	case key == "format":
		return r.document()
	case key == "scan":
		return r.lines()
	default:
		return r.fail(key, errNoScan)
	}
}

type reader struct {
	*source
	handler finding.Handler
}

// lines reads one message per object.
func (r *reader) lines() error {
	var scan struct {
		Format int `json:"format"`
		finding.Header
	}
	err := r.value("scan", &scan)
	if err := r.format("scan.format", scan.Format, err); err != nil {
		return err
	}
	for i := range scan.Controls {
		if err := r.control(fmt.Sprintf("scan.controls[%d]", i), &scan.Controls[i]); err != nil {
			return err
		}
	}
	if err := r.handler.Begin(&scan.Header); err != nil {
		return err
	}
	var footer finding.Footer
	for ended := false; ; {
		key, nth, err := r.next()
		switch {
		case err == io.EOF && ended:
			return r.handler.End(&footer)
		case err == io.EOF:
			err = r.fail("", errors.New("the file ends without its summary: the scan that wrote it was cut short"))
		case err != nil:
		case ended:
			err = r.fail("", errFollows)
		case nth > 1:
			err = r.fail(key, errors.New("a second message stands in one object"))
		case key == "finding":
			err = r.finding(key)
		case key == "gap":
			err = r.gap(key)
		case key == "summary":
			ended, err = true, r.value(key, &footer)
		case key == "scan":
			err = r.fail(key, errors.New("a second scan begins in the same file"))
		default:
			err = r.fail(key, errors.New("this version knows no such message"))
		}
		if err != nil {
			return err
		}
	}
}

// document reads one object, whose fields stand in the order in which they are
// written: what a handler needs first comes first.
func (r *reader) document() error {
	var format int
	err := r.value("format", &format)
	if err := r.format("format", format, err); err != nil {
		return err
	}
	var footer finding.Footer
	members := r.members(&finding.Header{}, &footer)
	for at := 0; ; at++ {
		key, nth, err := r.next()
		for at < len(members) && members[at].name != key && !members[at].required {
			at++
		}
		switch {
		case err == io.EOF && at == len(members):
			return r.handler.End(&footer)
		case err == io.EOF:
			err = r.fail("", fmt.Errorf("the document has no %s: it is no complete scan", members[at].name))
		case err != nil:
		case nth == 1:
			err = r.fail("", errFollows)
		case at == len(members) || members[at].name != key:
			err = r.fail(key, errors.New("this version knows no such field here: it is new, doubled or out of order"))
		default:
			err = members[at].read(key)
		}
		if err != nil {
			return err
		}
	}
}

// member is one field of a document after its format.
type member struct {
	name     string
	required bool
	read     func(field string) error
}

func (r *reader) members(header *finding.Header, footer *finding.Footer) []member {
	into := func(target any) func(string) error {
		return func(field string) error { return r.value(field, target) }
	}
	list := func(item func(string) error) func(string) error {
		return func(field string) error { return r.list(field, item) }
	}
	control := func(field string) error {
		var c finding.Control
		err := r.value(field, &c)
		header.Controls = append(header.Controls, c)
		return cmp.Or(err, r.control(field, &c))
	}
	findings := func(field string) error {
		if err := r.handler.Begin(header); err != nil {
			return err
		}
		return r.list(field, r.finding)
	}
	return []member{
		{"tool", false, into(&header.Tool)},
		{"version", false, into(&header.Version)},
		{"started", false, into(&header.Started)},
		{"controls", false, list(control)},
		{"findings", true, findings},
		{"gaps", true, list(r.gap)},
		{"coverage", true, into(&footer.Coverage)},
		{"summary", true, into(&footer.Tally)},
		{"expiredExceptions", false, into(&footer.Expired)},
		{"unusedExceptions", false, into(&footer.Unused)},
		{"faultyExceptions", false, into(&footer.Faulty)},
		{"obsoleteBaseline", false, into(&footer.Obsolete)},
		{"finished", true, into(&footer.Finished)},
	}
}

func (r *reader) finding(field string) error {
	var f finding.Finding
	if err := cmp.Or(
		r.value(field, &f),
		among(r, field, "severity", f.Severity, finding.Severities()),
		among(r, field, "status", f.Status, finding.Statuses()),
		r.filled(field, "id", f.ID, "control", f.Control, "status", string(f.Status),
			"severity", string(f.Severity), "resource.type", f.Resource.Type),
	); err != nil {
		return err
	}
	return r.handler.Finding(&f)
}

func (r *reader) gap(field string) error {
	var g finding.Gap
	if err := cmp.Or(r.value(field, &g), r.filled(field, "reason", g.Reason)); err != nil {
		return err
	}
	return r.handler.Gap(&g)
}

// format judges the version of the format before anything else in the value
// that holds it: another version may well have other fields.
func (r *reader) format(field string, got int, err error) error {
	switch {
	case got != 0 && got != report.Format:
		return r.fail(field, &VersionError{Got: got})
	case got == 0 && err == nil:
		return r.fail(field, errNoScan)
	default:
		return err
	}
}

func (r *reader) control(field string, c *finding.Control) error {
	return cmp.Or(
		among(r, field, "severity", c.Severity, finding.Severities()),
		r.filled(field, "id", c.ID, "severity", string(c.Severity)),
	)
}

// filled refuses texts that are missing or empty. Each follows its name.
func (r *reader) filled(field string, texts ...string) error {
	for i := 0; i < len(texts); i += 2 {
		if texts[i+1] == "" {
			return r.fail(field+"."+texts[i], errors.New("it is missing or empty"))
		}
	}
	return nil
}

// among refuses a word that is none of those allowed.
func among[T ~string](r *reader, field, name string, word T, allowed []T) error {
	if word == "" || slices.Contains(allowed, word) {
		return nil
	}
	return r.fail(field+"."+name, fmt.Errorf("%q is none of %v", word, allowed))
}
