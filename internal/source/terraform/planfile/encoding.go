package planfile

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// decoded strips a byte order mark and turns UTF-16 into UTF-8: PowerShell
// writes both when the output of a program is redirected into a file.
func decoded(in io.Reader) io.Reader {
	buffered := bufio.NewReaderSize(in, 64<<10)
	head, _ := buffered.Peek(3) // a shorter file is met again by whoever reads on
	switch {
	case bytes.HasPrefix(head, []byte{0xef, 0xbb, 0xbf}):
		buffered.Discard(3)
		return buffered
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		buffered.Discard(2)
		return &utf16Reader{in: buffered, order: binary.LittleEndian}
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		buffered.Discard(2)
		return &utf16Reader{in: buffered, order: binary.BigEndian}
	default:
		return buffered
	}
}

// utf16Reader reads UTF-16 and gives UTF-8. A half pair becomes U+FFFD.
type utf16Reader struct {
	in      *bufio.Reader
	order   binary.ByteOrder
	pending []byte // what did not fit into the last read
	space   [utf8.UTFMax]byte
	high    rune // the first half of a pair
}

func (r *utf16Reader) Read(p []byte) (int, error) {
	n := copy(p, r.pending)
	r.pending = r.pending[n:]
	for n < len(p) {
		var unit [2]byte
		if _, err := io.ReadFull(r.in, unit[:]); err != nil {
			if errors.Is(err, io.ErrUnexpectedEOF) {
				err = errors.New("the UTF-16 text ends in the middle of a character")
			}
			if n > 0 && errors.Is(err, io.EOF) {
				err = nil // comes again with the next read
			}
			return n, err
		}
		encoded := r.next(rune(r.order.Uint16(unit[:])))
		written := copy(p[n:], encoded)
		r.pending = encoded[written:]
		n += written
	}
	return n, nil
}

// next encodes one character, or nothing after the first half of a pair.
func (r *utf16Reader) next(unit rune) []byte {
	if r.high != 0 {
		pair := utf16.DecodeRune(r.high, unit)
		r.high = 0
		return utf8.AppendRune(r.space[:0], pair)
	}
	if utf16.IsSurrogate(unit) {
		r.high = unit
		return nil
	}
	return utf8.AppendRune(r.space[:0], unit)
}
