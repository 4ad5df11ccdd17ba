package directory

import (
	"bytes"
	"fmt"
)

const (
	// maxNesting bounds brackets within brackets, so that a hostile file cannot
	// exhaust the stack of the parser.
	maxNesting = 500
	// maxOperators bounds the operators of one expression, which nest without
	// brackets, and maxDirectives what stands in %{ } of one file, for the same
	// reason. Letters in texts that look like operators count too.
	maxOperators  = 50_000
	maxDirectives = 50_000
)

// tooDeep tells code that nests deeper than it can safely be parsed.
func tooDeep(data []byte) error {
	if bytes.Count(data, []byte("%{")) > maxDirectives {
		return fmt.Errorf("there are more than %d template directives", maxDirectives)
	}
	var open [maxNesting + 1]byte       // the brackets around
	var operators [maxNesting + 1]int32 // so far in the expression within them
	depth := 0
	for _, c := range data {
		switch c {
		case '(', '[', '{':
			if depth++; depth > maxNesting {
				return fmt.Errorf("brackets are nested deeper than %d", maxNesting)
			}
			open[depth], operators[depth] = c, 0
		case ')', ']', '}':
			depth = max(0, depth-1)
		case ',':
			operators[depth] = 0
		case '\n':
			if depth == 0 || open[depth] == '{' { // which ends an expression
				operators[depth] = 0
			}
		case '+', '-', '*', '/', '%', '!', '<', '>', '=', '?', '&', '|', '.':
			if operators[depth]++; operators[depth] > maxOperators {
				return fmt.Errorf("an expression has more than %d operators", maxOperators)
			}
		}
	}
	return nil
}
