package fix

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/atomicfile"
)

// maxPlanSize bounds a plan file, in bytes: room for some thirty thousand
// changes of one step, and a stop for a file that is something else.
const maxPlanSize = 256 << 20

// PlanFileError says what is wrong with a plan file, and where.
type PlanFileError struct {
	Name string
	// Line and Column count from 1; 0 when the fault has no place.
	Line, Column int
	// Field is the path of the field, if the fault has one.
	Field string
	Cause error
}

func (e *PlanFileError) Error() string {
	var place strings.Builder
	place.WriteString(e.Name)
	if e.Line > 0 {
		fmt.Fprintf(&place, ":%d:%d", e.Line, e.Column)
	}
	if e.Field != "" {
		place.WriteString(": " + e.Field)
	}
	return fmt.Sprintf("read plan %s: %v", place.String(), e.Cause)
}

// Unwrap returns the cause.
func (e *PlanFileError) Unwrap() error { return e.Cause }

// Hint names the command that makes a new plan.
func (e *PlanFileError) Hint() string { return "holdfast fix plan --out plan.json" }

// The faults of a plan file as such.
var (
	errPlanEmpty     = errors.New("the file is empty")
	errPlanTruncated = errors.New("the file ends in the middle of the plan")
	errPlanEdited    = errors.New("the plan was edited: its content does not match its digest, so it is not the plan that was shown")
	errPlanControl   = errors.New("it holds a control character, which no name, text or value of a fix does")
	errPlanTrailing  = errors.New("something follows the plan")
	errPlanSize      = fmt.Errorf("the file is larger than %d MiB", maxPlanSize>>20)
)

// WritePlan writes a sealed plan to a file that only its owner may read. The
// file is either there in full or not at all.
func WritePlan(path string, p *Plan) error {
	file, err := atomicfile.Create(path)
	if err != nil {
		return fmt.Errorf("write plan %s: %w", path, err)
	}
	defer file.Abort()
	encoder := json.NewEncoder(file)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(p); err != nil {
		return fmt.Errorf("write plan %s: %w", path, err)
	}
	if err := file.Commit(); err != nil {
		return fmt.Errorf("write plan %s: %w", path, err)
	}
	return nil
}

// ReadPlan reads a plan file strictly. Every fault is a *PlanFileError: a
// format of another version, an unknown field, a file cut short, a plan that
// was edited.
func ReadPlan(r io.Reader, name string) (*Plan, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxPlanSize+1))
	if err == nil && len(data) > maxPlanSize {
		err = errPlanSize
	}
	if err != nil {
		return nil, &PlanFileError{Name: name, Cause: err}
	}
	p, err := decodePlan(data)
	if err != nil {
		fault := &PlanFileError{Name: name, Cause: err}
		fault.locate(data)
		return nil, fault
	}
	return p, nil
}

// decodeError carries how far the decoder came.
type decodeError struct {
	offset int64
	cause  error
}

func (e *decodeError) Error() string { return e.cause.Error() }
func (e *decodeError) Unwrap() error { return e.cause }

func decodePlan(data []byte) (*Plan, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, errPlanEmpty
	}
	if err := checkFormat(data); err != nil {
		return nil, err
	}
	var p Plan
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&p); err != nil {
		return nil, &decodeError{decoder.InputOffset(), err}
	}
	if len(bytes.TrimSpace(data[decoder.InputOffset():])) > 0 {
		return nil, &decodeError{decoder.InputOffset(), errPlanTrailing}
	}
	if err := p.validate(); err != nil {
		return nil, err
	}
	if err := p.printable(); err != nil {
		return nil, err
	}
	digest, err := p.digest()
	if err != nil {
		return nil, err
	}
	if digest != p.Digest {
		return nil, errPlanEdited
	}
	return &p, nil
}

// controlCharacter finds what could steer a terminal or a shell, as Go writes
// JSON: every control character but line break and tab, and those that turn the
// direction of text round. An escape counts only behind an even number of
// backslashes.
var controlCharacter = regexp.MustCompile(`[^\\](?:\\\\)*\\(?:u00(?:0[0-8b-f]|1[0-9a-f])|[bfr])|[\x{7f}-\x{9f}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}]`)

// printable refuses changes with control characters: no name, text or value of
// a fix has one.
func (p *Plan) printable() error {
	for i := range p.Changes {
		data, err := json.Marshal(&p.Changes[i])
		if err != nil {
			return fmt.Errorf("changes[%d]: %w", i, err)
		}
		if controlCharacter.Match(data) {
			return fmt.Errorf("changes[%d]: %w", i, errPlanControl)
		}
	}
	return nil
}

// checkFormat looks at the version before anything else, so that a plan of
// another version is not reported by the fields that it does not share.
func checkFormat(data []byte) error {
	var head struct {
		Format *int `json:"format"`
	}
	err := json.Unmarshal(data, &head)
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return err
	case err != nil || head.Format == nil:
		return errors.New("this is no plan: it names no format version")
	case *head.Format != PlanFormat:
		return fmt.Errorf("the plan has format version %d; this program reads version %d", *head.Format, PlanFormat)
	}
	return nil
}

// locate fills in line, column and field from the cause.
func (e *PlanFileError) locate(data []byte) {
	offset := int64(-1)
	var syntax *json.SyntaxError
	var wrongType *json.UnmarshalTypeError
	var decode *decodeError
	switch {
	case errors.As(e.Cause, &syntax):
		offset = syntax.Offset
		if strings.HasSuffix(syntax.Error(), "after top-level value") {
			e.Cause = errPlanTrailing
		}
		if syntax.Offset >= int64(len(bytes.TrimRight(data, " \t\r\n"))) && strings.Contains(syntax.Error(), "unexpected end") {
			e.Cause = errPlanTruncated
		}
	case errors.As(e.Cause, &wrongType):
		offset, e.Field = wrongType.Offset, wrongType.Field
		e.Cause = fmt.Errorf("a %s stands where %s belongs", wrongType.Value, kindName(wrongType.Type))
	case errors.As(e.Cause, &decode):
		offset = decode.offset
		if field, ok := unknownField(decode.cause); ok {
			e.Field, e.Cause = field, errors.New("the field is not known")
			if at := bytes.Index(data, []byte(`"`+field+`"`)); at >= 0 {
				offset = int64(at) + 1
			}
		}
	}
	if offset < 0 {
		return
	}
	before := data[:min(max(offset, 0), int64(len(data)))]
	e.Line = bytes.Count(before, []byte("\n")) + 1
	e.Column = len(before) - (bytes.LastIndexByte(before, '\n') + 1)
	e.Column = max(e.Column, 1)
}

// unknownField picks the name out of the decoder's complaint, which has no
// type of its own.
func unknownField(err error) (string, bool) {
	quoted, found := strings.CutPrefix(err.Error(), "json: unknown field ")
	return strings.Trim(quoted, `"`), found
}

// kindName says what a field takes, in JSON's words.
func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "an object"
	default:
		return "a number"
	}
}
