package planfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

const (
	maxValue = 1 << 20 // bytes of one value that is looked at
	maxDepth = 256     // nesting of the whole document
	maxNames = 4096    // names remembered, so that repeated ones share memory
)

var (
	errCut  = errors.New("the file ends here: it was cut short")
	errLong = fmt.Errorf("a value is longer than %d bytes", maxValue)
)

// walker goes through one JSON document and holds no more of it than the value
// that it is asked for. What is skipped is only checked for its brackets and
// quotes; that makes it ten times as fast as decoding.
type walker struct {
	in     io.Reader
	buf    []byte
	pos    int
	hold   int   // the first byte to keep when more is read, or -1
	line   int   // of buf[pos], from 1
	passed int64 // bytes before buf
	eof    bool
	long   bool // the value being decoded is too long
	depth  int
	names  map[string]string
}

func newWalker(in io.Reader) *walker {
	return &walker{in: in, buf: make([]byte, 0, 64<<10), hold: -1, line: 1, names: make(map[string]string)}
}

// fault is an error with the place in the document where it was found.
type fault struct {
	line  int
	path  []string // innermost first
	cause error
}

func (f *fault) Error() string { return f.cause.Error() }
func (f *fault) Unwrap() error { return f.cause }

// field writes the path as in resource_changes[3].change.after.
func (f *fault) field() string {
	var b bytes.Buffer
	for i := len(f.path) - 1; i >= 0; i-- {
		if b.Len() > 0 && f.path[i][0] != '[' {
			b.WriteByte('.')
		}
		b.WriteString(f.path[i])
	}
	return b.String()
}

// at notes that an error lies inside a member or an item.
func (w *walker) at(step string, err error) error {
	f := w.fault(err)
	if step == "" {
		step = `""`
	}
	f.path = append(f.path, step)
	return f
}

func (w *walker) fault(err error) *fault {
	var f *fault
	if errors.As(err, &f) {
		return f
	}
	return &fault{line: w.line, cause: err}
}

// fill reads more behind what must be kept, which moves to the front.
func (w *walker) fill() error {
	keep := w.pos
	if w.pos-w.hold > maxValue {
		w.hold = -1 // too long to keep; raw tells
	}
	if w.hold >= 0 {
		keep, w.hold = w.hold, 0
	}
	kept := copy(w.buf[:cap(w.buf)], w.buf[keep:])
	w.buf, w.pos, w.passed = w.buf[:kept], w.pos-keep, w.passed+int64(keep)
	if kept == cap(w.buf) {
		w.buf = append(make([]byte, 0, 2*kept), w.buf...)
	}
	for range 100 {
		n, err := w.in.Read(w.buf[kept:cap(w.buf)])
		w.buf = w.buf[:kept+n]
		switch {
		case n > 0:
			return nil
		case errors.Is(err, io.EOF):
			w.eof = true
			return errCut
		case err != nil:
			return err
		}
	}
	return io.ErrNoProgress
}

// peek skips white space and shows the next byte.
func (w *walker) peek() (byte, error) {
	for {
		for ; w.pos < len(w.buf); w.pos++ {
			switch c := w.buf[w.pos]; c {
			case '\n':
				w.line++
			case ' ', '\t', '\r':
			default:
				return c, nil
			}
		}
		if err := w.fill(); err != nil {
			return 0, err
		}
	}
}

// expect consumes the byte given.
func (w *walker) expect(want byte, what string) error {
	c, err := w.peek()
	if err != nil {
		return err
	}
	if c != want {
		return fmt.Errorf("%s stands where %s is expected", show(c), what)
	}
	w.pos++
	return nil
}

func show(c byte) string {
	if c < ' ' || c >= 0x7f {
		return fmt.Sprintf("byte 0x%02x", c)
	}
	return strconv.QuoteRune(rune(c))
}

// more tells whether another member or item follows the one just read.
func (w *walker) more(closing byte, what string) (bool, error) {
	c, err := w.peek()
	switch {
	case err != nil:
		return false, err
	case c == closing:
		w.pos++
		return false, nil
	case c != ',':
		return false, fmt.Errorf("%s stands where a comma or the end of %s is expected", show(c), what)
	}
	w.pos++
	return true, nil
}

// enter consumes an opening bracket and tells whether anything is inside. A
// null is as good as empty.
func (w *walker) enter(opening, closing byte, what string) (bool, error) {
	c, err := w.peek()
	switch {
	case err != nil:
		return false, err
	case c == 'n':
		return false, w.null(what)
	case c != opening:
		return false, w.expect(opening, what)
	}
	w.pos++
	if w.depth++; w.depth > maxDepth {
		return false, fmt.Errorf("nested deeper than %d levels", maxDepth)
	}
	c, err = w.peek()
	if err == nil && c == closing {
		w.pos++
		w.depth--
		return false, nil
	}
	return err == nil, err
}

// null consumes the word.
func (w *walker) null(what string) error {
	raw, err := w.raw()
	if err == nil && string(raw) != "null" {
		err = fmt.Errorf("%q stands where %s is expected", raw, what)
	}
	return err
}

// object visits the members of an object; visit must consume the value. A null
// has no members.
func (w *walker) object(visit func(name string) error) error {
	inside, err := w.enter('{', '}', "an object")
	for inside {
		name, err := w.name()
		if err != nil {
			return err
		}
		if err := w.expect(':', "a colon"); err != nil {
			return w.at(name, err)
		}
		if err := visit(name); err != nil {
			return w.at(name, err)
		}
		if inside, err = w.more('}', "the object"); err != nil {
			return err
		}
		if !inside {
			w.depth--
		}
	}
	return err
}

// array visits the items of an array; visit must consume the item. A null has
// no items.
func (w *walker) array(visit func() error) error {
	inside, err := w.enter('[', ']', "a list")
	for i := 0; inside; i++ {
		if err := visit(); err != nil {
			return w.at("["+strconv.Itoa(i)+"]", err)
		}
		if inside, err = w.more(']', "the list"); err != nil {
			return err
		}
		if !inside {
			w.depth--
		}
	}
	return err
}

// end checks that nothing follows the document.
func (w *walker) end() error {
	c, err := w.peek()
	switch {
	case err == nil:
		return fmt.Errorf("%s follows the end of the document", show(c))
	case w.eof:
		return nil
	default:
		return err
	}
}

// name reads the name of a member. Repeated ones share memory.
func (w *walker) name() (string, error) {
	c, err := w.peek()
	if err == nil && c != '"' {
		err = w.expect('"', "a name in quotes")
	}
	if err != nil {
		return "", err
	}
	raw, err := w.raw()
	if err != nil {
		return "", err
	}
	return w.shared(raw)
}

func (w *walker) shared(raw []byte) (string, error) {
	if known, ok := w.names[string(raw)]; ok {
		return known, nil
	}
	text, err := textOf(raw)
	if err == nil && len(w.names) < maxNames {
		w.names[string(raw)] = text
	}
	return text, err
}

// text reads a string that is likely to come again, or "" for null.
func (w *walker) text() (string, error) {
	raw, err := w.raw()
	if err != nil || string(raw) == "null" {
		return "", err
	}
	return w.shared(raw)
}

// textOf decodes a quoted text.
func textOf(raw []byte) (string, error) {
	if len(raw) < 2 || raw[0] != '"' {
		return "", fmt.Errorf("%s stands where a text is expected", show(raw[0]))
	}
	for _, c := range raw[1 : len(raw)-1] {
		if c < ' ' || c >= 0x7f || c == '\\' {
			var text string
			err := json.Unmarshal(raw, &text)
			return text, err
		}
	}
	return string(raw[1 : len(raw)-1]), nil
}

// flag reads a truth value; null is false.
func (w *walker) flag() (bool, error) {
	raw, err := w.raw()
	if err != nil {
		return false, err
	}
	switch string(raw) {
	case "true":
		return true, nil
	case "false", "null":
		return false, nil
	default:
		return false, fmt.Errorf("%s stands where true or false is expected", show(raw[0]))
	}
}

// tooLong stands for a value that was not kept because of its length.
type tooLong struct{}

// value decodes the next value: nil, bool, json.Number, string, []any,
// map[string]any or tooLong.
func (w *walker) value() (any, error) {
	w.long = false
	value, err := w.valueTo(w.offset() + maxValue)
	if err == nil && w.long {
		return tooLong{}, nil
	}
	return value, err
}

// offset is how far into the document the walker is.
func (w *walker) offset() int64 { return w.passed + int64(w.pos) }

// valueTo decodes a value that must end before an offset.
func (w *walker) valueTo(end int64) (value any, err error) {
	c, err := w.peek()
	switch {
	case err != nil:
		return nil, err
	case w.offset() > end:
		w.long = true
		return nil, w.skip()
	case c == '{':
		fields := make(map[string]any)
		err = w.object(func(name string) (err error) {
			fields[name], err = w.valueTo(end)
			return err
		})
		return fields, err
	case c == '[':
		var items []any
		err = w.array(func() error {
			item, err := w.valueTo(end)
			items = append(items, item)
			return err
		})
		return items, err
	default:
		return w.simple()
	}
}

// simple decodes a text, a number, true, false or null.
func (w *walker) simple() (any, error) {
	raw, err := w.raw()
	if errors.Is(err, errLong) {
		w.long = true
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	switch string(raw) {
	case "null":
		return nil, nil
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	if raw[0] == '"' {
		return textOf(raw)
	}
	if !json.Valid(raw) {
		return nil, fmt.Errorf("%q stands where a value is expected", raw)
	}
	return json.Number(raw), nil
}

// raw returns the bytes of the next value; they are valid until the next read.
// One that is too long is consumed, and an error.
func (w *walker) raw() ([]byte, error) {
	if _, err := w.peek(); err != nil {
		return nil, err
	}
	w.hold = w.pos
	err := w.skip()
	start := w.hold
	w.hold = -1
	if err != nil {
		return nil, err
	}
	if start < 0 || w.pos-start > maxValue {
		return nil, errLong
	}
	return w.buf[start:w.pos], nil
}
