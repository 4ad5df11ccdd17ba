package saved

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
)

// maxValue bounds, in bytes, what is held at once: a finding, a gap, a header.
const maxValue = 16 << 20

const bufferSize = 64 << 10 // bytes read from the file at once

// source reads a file piece by piece and knows the line of what it read last.
type source struct {
	in      *bufio.Reader
	decoder *json.Decoder
	inside  bool   // an object
	nth     int    // number of the key in it, from 1
	last    int64  // offset of what was read last, or of a separator before it
	held    []byte // what the decoder took and had not passed when it took more
	start   int64  // offset of held
	breaks  int    // line breaks before held
}

func newSource(in io.Reader) *source {
	s := &source{in: bufio.NewReaderSize(in, bufferSize)}
	s.decoder = strict(s)
	return s
}

func strict(in io.Reader) *json.Decoder {
	decoder := json.NewDecoder(in)
	decoder.DisallowUnknownFields()
	decoder.UseNumber() // a parameter comes out as it went in
	return decoder
}

// Read feeds the decoder, which takes more until it has the whole of a value.
func (s *source) Read(p []byte) (int, error) {
	if passed := s.decoder.InputOffset() - s.start; passed > 0 {
		s.start += passed
		s.breaks += lineBreaks(s.held[:passed])
		s.held = s.held[:copy(s.held, s.held[passed:])]
	}
	if len(s.held) > maxValue {
		return 0, fmt.Errorf("a value is longer than %d bytes", maxValue)
	}
	n, err := s.in.Read(p[:min(len(p), bufferSize)])
	s.held = append(s.held, p[:n]...)
	return n, err
}

// next returns the next key of the objects that the file consists of, and its
// number in its object; io.EOF after the last object.
func (s *source) next() (key string, nth int, err error) {
	for {
		token, err := s.token("")
		key, isText := token.(string)
		switch {
		case err != nil:
			return "", 0, err
		case isText && s.inside:
			s.nth++
			return key, s.nth, nil
		case token == json.Delim('{'):
			s.inside, s.nth = true, 0
		case token == json.Delim('}') && s.nth > 0:
			s.inside = false
		default:
			return "", 0, s.fail("", errors.New("an object with at least one field is expected here"))
		}
	}
}

// list reads the items of a list one by one.
func (s *source) list(field string, item func(field string) error) error {
	switch token, err := s.token(field); {
	case err != nil:
		return err
	case token != json.Delim('['):
		return s.fail(field, errors.New("a list is expected here"))
	}
	for i := 0; s.decoder.More(); i++ {
		if err := item(field + "[" + strconv.Itoa(i) + "]"); err != nil {
			return err
		}
	}
	_, err := s.token(field)
	return err
}

// token reads a bracket or a key. At the end of the file it returns io.EOF,
// unless an object is open.
func (s *source) token(field string) (json.Token, error) {
	token, err := s.decoder.Token()
	at := s.decoder.InputOffset()
	s.last = at - 1
	if err == nil || err == io.EOF && !s.inside {
		return token, err
	}
	return nil, s.failAt(int(at-s.start), field, err)
}

// value reads a whole value.
func (s *source) value(field string, into any) error {
	s.last = s.decoder.InputOffset()
	err := s.decoder.Decode(into)
	if err == nil {
		return nil
	}
	// Errors count from the start of the value only if the decoder read nothing
	// before it.
	at := s.index()
	again := strict(bytes.NewReader(s.held[at:])).Decode(into)
	if again == nil || again.Error() != err.Error() {
		return s.failAt(at, field, err)
	}
	switch wrong := again.(type) {
	case *json.SyntaxError:
		at += int(wrong.Offset) - 1
	case *json.UnmarshalTypeError:
		at += int(wrong.Offset) - 1
		field = strings.TrimSuffix(field+"."+wrong.Field, ".")
		err = fmt.Errorf("%s stands where %s is expected", wrong.Value, expected(wrong.Type))
	default:
		if name, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); unknown {
			err = fmt.Errorf("this version knows no field %s", name)
		}
	}
	return s.failAt(at, field, err)
}

// expected tells in JSON's words what a type of Go is read from.
func expected(t reflect.Type) string {
	words := map[reflect.Kind]string{
		reflect.String: "a string", reflect.Int: "a whole number", reflect.Bool: "true or false", reflect.Slice: "an array",
	}
	return cmp.Or(words[t.Kind()], "an object")
}

// fail says what is wrong with what was read last.
func (s *source) fail(field string, err error) error { return s.failAt(s.index(), field, err) }

// failAt says what is wrong at an index of held.
func (s *source) failAt(index int, field string, err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		index, err = len(s.held), errors.New("the file ends here: it was cut short")
	}
	return &Error{Line: 1 + s.breaks + lineBreaks(s.held[:index]), Field: field, Err: err}
}

// index finds in held what was read last.
func (s *source) index() int {
	rest := bytes.TrimLeft(s.held[max(0, s.last-s.start):], " \t\r\n")
	if len(rest) > 0 && (rest[0] == ',' || rest[0] == ':') {
		rest = bytes.TrimLeft(rest[1:], " \t\r\n")
	}
	return len(s.held) - len(rest)
}

func lineBreaks(text []byte) int { return bytes.Count(text, []byte("\n")) }
