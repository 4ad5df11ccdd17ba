package saved

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
)

// Error says where a saved scan could not be read.
type Error struct {
	Line  int    // from 1
	Field string // for example finding.resource.region; may be empty
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

// Read replays a scan saved as json or ndjson; which of the two is found out
// by its first field. Findings and gaps come in the order of the file. Errors
// are *Error, except those of the handler, which come back as they are.
//
// The pointers given to the handler are valid during the call; what they point
// to may be kept.
func Read(in io.Reader, h finding.Handler) error {
	r := &reader{lexer: newLexer(in), handler: h}
	for r.peek() != 0 {
		if r.ended {
			r.failf("something follows the end of the scan")
			break
		}
		r.members = 0
		r.object(r.member)
		r.endObject()
	}
	if r.err == nil && !r.ended {
		r.fail(r.cut())
	}
	if r.handlerErr != nil {
		return r.handlerErr
	}
	if r.err != nil {
		return &Error{Line: r.line, Field: strings.Join(r.path, "."), Err: r.err}
	}
	return nil
}

type kind uint8

const (
	undecided kind = iota
	document       // one JSON object
	lines          // one JSON object per message
)

// section is how far a document has come.
type section uint8

const (
	inHeader section = iota
	inBody
	inFooter
)

type reader struct {
	*lexer
	handler    finding.Handler
	handlerErr error

	kind    kind
	members int // of the current top-level object
	section section
	ended   bool

	format int
	header finding.Header
	footer finding.Footer
	// seen names the members of a document that were read.
	seen []string
}

func (r *reader) cut() error {
	switch {
	case r.kind == undecided:
		return errors.New("the file is empty")
	case r.kind == lines:
		return errors.New("the file ends without its summary: the scan that wrote it was cut short")
	default:
		return errCut
	}
}

func (r *reader) member(key string) {
	if r.kind == undecided {
		r.kind = document
		if key == "scan" {
			r.kind = lines
		}
	}
	if r.members++; r.kind == document {
		r.documentMember(key)
		return
	}
	r.lineMember(key)
}

// endObject closes a top-level object: a message of lines, or the document.
func (r *reader) endObject() {
	if r.err != nil {
		return
	}
	if r.kind == lines {
		if r.members != 1 {
			r.failf("a line holds %d messages, expected one", r.members)
		}
		return
	}
	for _, name := range []string{"findings", "gaps", "coverage", "summary", "finished"} {
		if !slices.Contains(r.seen, name) {
			r.failf("the document has no %s: it is no complete scan", name)
			return
		}
	}
	r.end()
}

func (r *reader) lineMember(key string) {
	switch {
	case r.members > 1:
		r.failf("a second message stands in one object")
	case r.ended:
		r.failf("a message follows the summary")
	case key == "scan" && r.section != inHeader:
		r.failf("a second scan begins in the same file")
	case key == "scan":
		r.object(r.headerMember)
		r.begin()
	case key == "finding":
		r.oneFinding()
	case key == "gap":
		r.oneGap()
	case key == "summary":
		r.object(r.footerMember)
		r.end()
	default:
		r.unknown()
	}
}

func (r *reader) documentMember(key string) {
	if slices.Contains(r.seen, key) {
		r.failf("it stands here a second time")
		return
	}
	r.seen = append(r.seen, key)
	switch key {
	case "findings", "gaps":
		if r.section == inHeader {
			r.begin()
		}
		if r.section != inBody {
			r.failf("it comes after the summary: the fields were put in another order")
			return
		}
		if key == "findings" {
			r.array(r.oneFinding)
		} else {
			r.array(r.oneGap)
		}
	case "coverage", "summary", "expiredExceptions", "unusedExceptions", "finished":
		r.section = inFooter
		r.footerMember(key)
	default:
		if r.section != inHeader {
			r.failf("it comes after the findings: the fields were put in another order, or it is unknown to this version")
			return
		}
		r.headerMember(key)
	}
}

func (r *reader) headerMember(key string) {
	switch key {
	case "format":
		if r.format = r.int(); r.err == nil && r.format != report.Format {
			r.fail(&VersionError{Got: r.format})
		}
	case "tool":
		r.header.Tool = r.text()
	case "version":
		r.header.Version = r.text()
	case "started":
		r.header.Started = r.time()
	case "controls":
		if r.null() {
			return
		}
		r.array(func() {
			r.header.Controls = append(r.header.Controls, finding.Control{})
			r.control(&r.header.Controls[len(r.header.Controls)-1])
		})
	default:
		if r.format == 0 {
			r.failf("the file is no scan that holdfast saved as json or ndjson")
			return
		}
		r.unknown()
	}
}

func (r *reader) footerMember(key string) {
	switch key {
	case "finished":
		r.footer.Finished = r.time()
	case "coverage":
		r.coverage(&r.footer.Coverage)
	case "summary":
		r.tally(&r.footer.Tally)
	case "expiredExceptions":
		r.footer.Expired = r.exceptions()
	case "unusedExceptions":
		r.footer.Unused = r.exceptions()
	default:
		r.unknown()
	}
}

func (r *reader) begin() {
	if r.format == 0 && r.err == nil {
		r.failf("the file does not say its format first: it is no scan that holdfast saved as json or ndjson")
	}
	r.section = inBody
	r.call(func() error { return r.handler.Begin(&r.header) })
}

func (r *reader) oneFinding() {
	if r.section != inBody {
		r.failf("a finding stands before the header of the scan")
		return
	}
	var f finding.Finding
	r.lexer.finding(&f)
	r.call(func() error { return r.handler.Finding(&f) })
}

func (r *reader) oneGap() {
	if r.section != inBody {
		r.failf("a gap stands before the header of the scan")
		return
	}
	var g finding.Gap
	r.gap(&g)
	r.call(func() error { return r.handler.Gap(&g) })
}

func (r *reader) end() {
	r.ended = true
	r.call(func() error { return r.handler.End(&r.footer) })
}

// call hands a message on and remembers the handler's own error, which is not
// the file's fault.
func (r *reader) call(message func() error) {
	if r.err != nil {
		return
	}
	if err := message(); err != nil {
		r.handlerErr = err
		r.err = err
	}
}
