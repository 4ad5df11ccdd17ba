package saved

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	maxToken  = 16 << 20 // bytes of one string or number
	maxDepth  = 32       // nesting of a property value
	maxShared = 4096     // words remembered so that repeated ones share memory
)

var errCut = errors.New("the file ends here: it was cut short")

// lexer pulls JSON from a reader and knows the line and the field it is at.
// The first error stays; after it every method returns zero values.
type lexer struct {
	in     io.Reader
	buf    []byte
	pos    int
	line   int // of buf[pos], from 1
	eof    bool
	path   []string
	shared map[string]string
	err    error
}

func newLexer(in io.Reader) *lexer {
	return &lexer{in: in, buf: make([]byte, 0, 64<<10), line: 1, shared: make(map[string]string)}
}

// fail keeps the first error.
func (l *lexer) fail(err error) {
	if l.err == nil {
		l.err = err
	}
}

func (l *lexer) failf(format string, args ...any) { l.fail(fmt.Errorf(format, args...)) }

// fill reads more behind the bytes from start on, which move to the front, and
// reports whether anything came.
func (l *lexer) fill(start int) bool {
	if l.eof || l.err != nil {
		return false
	}
	kept := copy(l.buf[:cap(l.buf)], l.buf[start:])
	l.buf, l.pos = l.buf[:kept], l.pos-start
	if kept > maxToken {
		l.failf("a value is longer than %d bytes", maxToken)
		return false
	}
	if kept == cap(l.buf) {
		l.buf = append(make([]byte, 0, 2*kept), l.buf...)
	}
	for range 100 {
		n, err := l.in.Read(l.buf[kept:cap(l.buf)])
		l.buf = l.buf[:kept+n]
		if err != nil {
			l.eof = true
			if err != io.EOF {
				l.fail(err)
				return false
			}
		}
		if n > 0 || l.eof {
			return n > 0
		}
	}
	l.fail(io.ErrNoProgress)
	return false
}

// peek skips white space and shows the next byte; 0 at the end or after an error.
func (l *lexer) peek() byte {
	for l.err == nil {
		for ; l.pos < len(l.buf); l.pos++ {
			switch c := l.buf[l.pos]; c {
			case '\n':
				l.line++
			case ' ', '\t', '\r':
			default:
				return c
			}
		}
		if !l.fill(l.pos) {
			break
		}
	}
	return 0
}

// take consumes the next byte if it is the one given.
func (l *lexer) take(want byte) bool {
	if l.peek() != want {
		return false
	}
	l.pos++
	return true
}

// want consumes the byte given or fails.
func (l *lexer) want(want byte, what string) bool {
	if l.take(want) {
		return true
	}
	l.unexpected(what)
	return false
}

func (l *lexer) unexpected(what string) {
	if c := l.peek(); c != 0 {
		l.failf("%q stands where %s is expected", rune(c), what)
	} else {
		l.fail(errCut)
	}
}

// object visits the members of an object; visit must consume the value.
func (l *lexer) object(visit func(key string)) {
	if !l.want('{', "an object") || l.take('}') {
		return
	}
	for l.err == nil {
		key := l.word()
		if !l.want(':', "a colon") {
			return
		}
		l.path = append(l.path, key)
		if visit(key); l.err != nil {
			return // keeps the path of the error
		}
		l.path = l.path[:len(l.path)-1]
		if l.take('}') {
			return
		}
		l.want(',', "a comma or the end of the object")
	}
}

// array visits the items of an array; visit must consume the item.
func (l *lexer) array(visit func()) {
	if !l.want('[', "a list") || l.take(']') {
		return
	}
	for l.err == nil {
		if visit(); l.err != nil || l.take(']') {
			return
		}
		l.want(',', "a comma or the end of the list")
	}
}

// text reads a string.
func (l *lexer) text() string {
	raw, plain := l.raw()
	if plain {
		return string(raw)
	}
	return l.unescape(raw)
}

// word reads a string that is likely to come again.
func (l *lexer) word() string {
	raw, plain := l.raw()
	if !plain {
		return l.unescape(raw)
	}
	if known, ok := l.shared[string(raw)]; ok {
		return known
	}
	text := string(raw)
	if len(l.shared) < maxShared {
		l.shared[text] = text
	}
	return text
}

// raw reads a string up to its closing quote and tells whether it stands for
// itself. The bytes are valid until the next read.
func (l *lexer) raw() (text []byte, plain bool) {
	if !l.want('"', "a text") {
		return nil, true
	}
	plain = true
	for i := l.pos; ; i++ {
		if i == len(l.buf) {
			length := i - l.pos
			if !l.fill(l.pos) {
				l.fail(errCut)
				return nil, true
			}
			i = l.pos + length
		}
		switch c := l.buf[i]; {
		case c == '"':
			text = l.buf[l.pos:i]
			l.pos = i + 1
			return text, plain
		case c < ' ':
			l.failf("a text holds the control character %q", rune(c))
			return nil, true
		case c == '\\':
			plain = false
			i++ // the escaped byte cannot end the text
			if i == len(l.buf) {
				i-- // look again after more was read
				length := i - l.pos
				if !l.fill(l.pos) {
					l.fail(errCut)
					return nil, true
				}
				i = l.pos + length + 1
			}
		case c >= utf8.RuneSelf:
			plain = false
		}
	}
}

func (l *lexer) unescape(raw []byte) string {
	var b strings.Builder
	b.Grow(len(raw))
	for i := 0; i < len(raw); {
		if raw[i] != '\\' {
			r, size := utf8.DecodeRune(raw[i:])
			b.WriteRune(r)
			i += size
			continue
		}
		if raw[i+1] == 'u' {
			r, size := l.unicode(raw[i:])
			b.WriteRune(r)
			i += size
			continue
		}
		at := strings.IndexByte(`"\/bfnrt`, raw[i+1])
		if at < 0 {
			l.failf("a text holds the escape \\%c, which JSON does not have", raw[i+1])
			return ""
		}
		b.WriteByte("\"\\/\b\f\n\r\t"[at])
		i += 2
	}
	return b.String()
}

// unicode reads \uXXXX, or two of them for one character above U+FFFF.
func (l *lexer) unicode(raw []byte) (rune, int) {
	first, ok := hex(raw)
	if !ok {
		l.failf("a text holds a broken \\u escape")
		return 0, len(raw)
	}
	if utf16.IsSurrogate(first) {
		second, ok := hex(raw[6:])
		if r := utf16.DecodeRune(first, second); ok && r != utf8.RuneError {
			return r, 12
		}
		return utf8.RuneError, 6
	}
	return first, 6
}

func hex(raw []byte) (rune, bool) {
	if len(raw) < 6 || raw[0] != '\\' || raw[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(raw[2:6]), 16, 16)
	return rune(n), err == nil
}

// number reads the digits of a number.
func (l *lexer) number() string {
	if c := l.peek(); c != '-' && (c < '0' || c > '9') {
		l.unexpected("a number")
		return ""
	}
	for i := l.pos; ; i++ {
		if i == len(l.buf) {
			length := i - l.pos
			l.fill(l.pos)
			i = l.pos + length
		}
		if i < len(l.buf) && strings.IndexByte("+-.eE0123456789", l.buf[i]) >= 0 {
			continue
		}
		digits := l.buf[l.pos:i]
		l.pos = i
		if !json.Valid(digits) {
			l.failf("%q is no number", digits)
		}
		return string(digits)
	}
}

// literal reads true, false or null.
func (l *lexer) literal() string {
	l.peek()
	for l.pos+len("false") > len(l.buf) && l.fill(l.pos) {
	}
	for _, name := range []string{"true", "false", "null"} {
		if l.err == nil && strings.HasPrefix(string(l.buf[l.pos:min(l.pos+len(name), len(l.buf))]), name) {
			l.pos += len(name)
			return name
		}
	}
	l.unexpected("a value")
	return ""
}
