package report

import "bufio"

// Array writes the items of a JSON list as they come, one per line. The zero
// value with Out set is ready; the writer of the list puts the brackets.
type Array struct {
	Out *bufio.Writer // keeps the first write error
	n   int
}

// Add writes one more item.
func (a *Array) Add(item any) error {
	text, err := Marshal(item)
	if err != nil {
		return err
	}
	if a.n > 0 {
		a.Out.WriteByte(',')
	}
	a.n++
	a.Out.WriteByte('\n')
	_, err = a.Out.Write(text)
	return err
}

// Len counts the items written.
func (a *Array) Len() int { return a.n }
