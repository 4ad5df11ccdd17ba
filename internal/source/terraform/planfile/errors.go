package planfile

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/finding"
)

// refusal is a document that is sound and cannot be read all the same.
type refusal struct{ field, cause, try string }

func (r *refusal) Error() string { return r.cause }

// gapOf is what a file that cannot be read leaves open. The detail names the
// line and the field that the error lies in.
func gapOf(file string, err error) finding.Gap {
	gap := finding.Gap{File: file, Reason: finding.GapMalformed}
	var found *fault
	var refused *refusal
	var system *fs.PathError
	switch {
	case errors.As(err, &refused):
		gap.Detail = prefixed(refused.field) + refused.cause
		gap.Try = strings.ReplaceAll(refused.try, "{file}", file)
		return gap
	case errors.Is(err, fs.ErrPermission):
		gap.Reason = finding.GapDenied
	case errors.As(err, &system):
		gap.Reason = finding.GapFailed
	}
	if errors.As(err, &found) {
		gap.Detail = prefixed(fmt.Sprint("line ", found.line)) + prefixed(found.field())
	}
	gap.Detail += err.Error()
	return gap
}

func prefixed(text string) string {
	if text == "" {
		return ""
	}
	return text + ": "
}
