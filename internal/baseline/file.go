package baseline

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

const (
	// Format is the version of the file.
	Format = 1
	// maxSize bounds a file, in bytes: some 200,000 entries.
	maxSize = 64 << 20
)

// Error says where a baseline could not be read.
type Error struct {
	File  string
	Line  int    // from 1
	Field string // for example entries[12].until; may be empty
	Err   error
}

func (e *Error) Error() string {
	field := ""
	if e.Field != "" {
		field = e.Field + ": "
	}
	return fmt.Sprintf("%s:%d: %s%v", e.File, e.Line, field, e.Err)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Hint says how to get a file that can be read.
func (e *Error) Hint() string { return "holdfast scan --save-baseline " + e.File }

// Marshal writes entries, sorted, each field on a line of its own, so that what
// changes in a repository is easy to read. The same entry stands there once.
func Marshal(entries []Entry) ([]byte, error) {
	sorted := slices.SortedFunc(slices.Values(entries), compare)
	sorted = slices.CompactFunc(sorted, func(a, b Entry) bool { return a.key() == b.key() && a.Digest == b.Digest })
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(struct {
		Format  int     `json:"format"`
		Entries []Entry `json:"entries"`
	}{Format, append([]Entry{}, sorted...)})
	return out.Bytes(), err
}

// Read reads what Marshal wrote. Messages call the file by the given name.
// Errors are *Error, except those of the reader itself.
func Read(in io.Reader, name string) ([]Entry, error) {
	data, err := io.ReadAll(io.LimitReader(in, maxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read baseline %s: %w", name, err)
	}
	d := &decoder{name: name, data: data, json: json.NewDecoder(bytes.NewReader(data))}
	if len(data) > maxSize {
		return nil, d.fail(0, "", fmt.Errorf("the file is larger than %d MB", maxSize>>20))
	}
	if err := d.document(); err != nil {
		return nil, err
	}
	return d.entries, nil
}

type decoder struct {
	name    string
	data    []byte
	json    *json.Decoder
	entries []Entry
	lines   int // before counted
	counted int
}

// line is the line of an offset. Offsets mostly go forward.
func (d *decoder) line(offset int) int {
	offset = min(max(offset, 0), len(d.data))
	if offset < d.counted {
		d.lines, d.counted = 0, 0
	}
	d.lines += bytes.Count(d.data[d.counted:offset], []byte("\n"))
	d.counted = offset
	return d.lines + 1
}

func (d *decoder) fail(offset int, field string, err error) error {
	return &Error{File: d.name, Line: d.line(offset), Field: field, Err: err}
}

// start is where the next value begins.
func (d *decoder) start() int {
	at := int(d.json.InputOffset())
	rest := bytes.TrimLeft(d.data[at:], " \t\r\n,:")
	return len(d.data) - len(rest)
}

func (d *decoder) token(field string) (json.Token, error) {
	token, err := d.json.Token()
	if err == nil {
		return token, nil
	}
	return nil, d.broken(d.start(), field, err)
}

// broken tells of JSON that is none.
func (d *decoder) broken(at int, field string, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return d.fail(len(d.data), field, errors.New("the file ends too early"))
	}
	return d.fail(at, field, errors.New(strings.TrimPrefix(err.Error(), "json: ")))
}

func (d *decoder) delim(field string, want json.Delim) error {
	at := d.start()
	token, err := d.token(field)
	if err == nil && token != want {
		return d.fail(at, field, fmt.Errorf("a %q is expected here", want.String()))
	}
	return err
}

func (d *decoder) document() error {
	if err := d.delim("", '{'); err != nil {
		return err
	}
	seen := make(map[string]bool)
	for d.json.More() {
		at := d.start()
		token, err := d.token("")
		if err != nil {
			return err
		}
		field, _ := token.(string)
		if seen[field] {
			return d.fail(at, field, errors.New("it stands here twice"))
		}
		seen[field] = true
		switch field {
		case "format":
			err = d.format()
		case "entries":
			err = d.list(seen["format"])
		default:
			err = d.fail(at, field, errors.New("this version knows no such field"))
		}
		if err != nil {
			return err
		}
	}
	if err := d.delim("", '}'); err != nil {
		return err
	}
	if !seen["format"] || !seen["entries"] {
		return d.fail(0, "", errors.New("the file needs a format and entries: it is no baseline"))
	}
	at := d.start()
	if _, err := d.json.Token(); !errors.Is(err, io.EOF) {
		return d.fail(at, "", errors.New("something follows the end of the baseline"))
	}
	return nil
}

func (d *decoder) format() error {
	at := d.start()
	var got int
	if err := d.json.Decode(&got); err != nil {
		return d.broken(at, "format", err)
	}
	if got != Format {
		return d.fail(at, "format", fmt.Errorf("the file has format %d and this version of holdfast reads format %d", got, Format))
	}
	return nil
}

func (d *decoder) list(versioned bool) error {
	at := d.start()
	if !versioned {
		return d.fail(at, "entries", errors.New("the format comes first"))
	}
	if err := d.delim("entries", '['); err != nil {
		return err
	}
	seen := make(map[string]int)
	for d.json.More() {
		field := fmt.Sprintf("entries[%d]", len(d.entries))
		at := d.start()
		e, err := d.entry(at, field)
		if err != nil {
			return err
		}
		e.line = d.line(at)
		key := e.key() + "\x00" + e.Digest
		if first, twice := seen[key]; twice {
			return d.fail(at, field, fmt.Errorf("it is the same as entries[%d]", first))
		}
		seen[key] = len(d.entries)
		d.entries = append(d.entries, e)
	}
	return d.delim("entries", ']')
}

// entry reads one entry strictly.
func (d *decoder) entry(at int, field string) (Entry, error) {
	var raw json.RawMessage
	if err := d.json.Decode(&raw); err != nil {
		return Entry{}, d.broken(at, field, err)
	}
	var e Entry
	strict := json.NewDecoder(bytes.NewReader(raw))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&e); err != nil {
		var kind *json.UnmarshalTypeError
		if errors.As(err, &kind) {
			return e, d.fail(at+int(kind.Offset), strings.TrimSuffix(field+"."+kind.Field, "."), fmt.Errorf("a %s is no text", kind.Value))
		}
		name := strings.TrimPrefix(err.Error(), "json: unknown field ")
		return e, d.fail(at+max(0, bytes.Index(raw, []byte(name))), field, fmt.Errorf("this version knows no field %s", name))
	}
	if name, err := e.check(); err != nil {
		return e, d.fail(at+max(0, bytes.Index(raw, []byte(`"`+name+`"`))), field+"."+name, err)
	}
	return e, nil
}

// check reports what is wrong with an entry, naming the field.
func (e *Entry) check() (field string, err error) {
	missing := errors.New("it is missing or empty")
	sum, hexErr := hex.DecodeString(e.Digest)
	_, dayErr := time.Parse(time.DateOnly, e.Until)
	switch {
	case e.Control == "":
		return "control", missing
	case e.Type == "":
		return "type", missing
	case e.ARN == "" && e.Address == "":
		return "address", errors.New("it is missing, and there is no arn")
	case e.ARN != "" && e.Address != "":
		return "arn", errors.New("it stands beside an address, and a resource has one of them")
	case e.Address != "" && e.File == "":
		return "file", missing
	case hexErr != nil || len(sum) != digestLength:
		return "digest", fmt.Errorf("%q is no digest of %d hexadecimal digits", e.Digest, 2*digestLength)
	case e.Until != "" && dayErr != nil:
		return "until", fmt.Errorf("%q is no day such as 2027-01-31", e.Until)
	}
	return "", nil
}
