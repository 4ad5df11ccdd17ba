package planfile

import (
	"errors"
	"fmt"
)

// skip consumes the next value without looking at what is in it.
func (w *walker) skip() error {
	c, err := w.peek()
	switch {
	case err != nil:
		return err
	case c == '"':
		return w.skipText()
	case c == '{' || c == '[':
		return w.skipNested()
	default:
		return w.skipPlain()
	}
}

// skipPlain consumes a number, true, false or null.
func (w *walker) skipPlain() error {
	length := 0
	for {
		for ; w.pos < len(w.buf); w.pos++ {
			if !plainByte(w.buf[w.pos]) {
				if length == 0 {
					return fmt.Errorf("%s stands where a value is expected", show(w.buf[w.pos]))
				}
				return nil
			}
			length++
		}
		if err := w.fill(); err != nil {
			if w.eof && length > 0 {
				return nil
			}
			return err
		}
	}
}

func plainByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c == '-' || c == '+' || c == '.' || c == 'E'
}

// skipText consumes a text from its opening to its closing quote.
func (w *walker) skipText() error {
	w.pos++
	escaped := false
	for {
		for ; w.pos < len(w.buf); w.pos++ {
			switch c := w.buf[w.pos]; {
			case escaped:
				escaped = false
			case c == '"':
				w.pos++
				return nil
			case c == '\\':
				escaped = true
			case c < ' ':
				return fmt.Errorf("a text holds %s: control characters must be escaped", show(c))
			}
		}
		if err := w.fill(); err != nil {
			return err
		}
	}
}

// skipNested consumes an object or a list and checks that brackets match.
func (w *walker) skipNested() error {
	var space [32]byte
	closers := space[:0]
	for {
		for w.pos < len(w.buf) {
			c := w.buf[w.pos]
			switch c {
			case '"':
				if err := w.skipText(); err != nil {
					return err
				}
				continue
			case '{', '[':
				if len(closers)+w.depth >= maxDepth {
					return fmt.Errorf("nested deeper than %d levels", maxDepth)
				}
				closers = append(closers, c+2) // '}' and ']' stand two places behind
			case '}', ']':
				if closers[len(closers)-1] != c {
					return fmt.Errorf("%s stands where %s is expected", show(c), show(closers[len(closers)-1]))
				}
				closers = closers[:len(closers)-1]
			case '\n':
				w.line++
			case 0:
				return errors.New("the file holds a zero byte: it is no text")
			}
			w.pos++
			if len(closers) == 0 {
				return nil
			}
		}
		if err := w.fill(); err != nil {
			return err
		}
	}
}
