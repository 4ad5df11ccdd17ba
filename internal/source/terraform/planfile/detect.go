package planfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
)

// maxLook bounds, in bytes, how far Detect goes into a file. Terraform writes
// what tells a document apart first; a tool that has sorted the keys may have
// put a whole configuration in front of it.
const maxLook = 16 << 20

// Detect tells cheaply whether a file holds a plan or a state, and which; "" when
// it holds neither. It looks at the names of the outermost keys alone and stops
// at the first that decides. A file that only Terraform itself can read counts
// as a plan, so that reading it says what to do.
func Detect(name string) (Kind, error) {
	file, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return "", err
	}
	return detect(file)
}

func detect(in io.Reader) (Kind, error) {
	w := newWalker(decoded(io.LimitReader(in, maxLook)))
	first, err := w.peek()
	if err == nil && isPlanArchive(w.buf) {
		return Plan, nil
	}
	if err != nil || first != '{' {
		return "", readError(err)
	}
	head := &header{keys: make(map[string]bool)}
	var kind Kind
	err = w.object(func(key string) error {
		head.keys[key] = true
		if kind = head.certain(); kind != "" {
			return errDecided
		}
		return w.skip()
	})
	switch {
	case kind != "":
		return kind, nil
	case err == nil:
		return head.likely(), nil
	default:
		return "", readError(err)
	}
}

// readError leaves of an error what the system says. A document that is broken,
// or too long to tell, is none of ours, and for somebody else to refuse.
func readError(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return err
	}
	return nil
}

var errDecided = errors.New("decided")

// certain tells the kind as soon as the keys so far leave no doubt.
func (h *header) certain() Kind {
	switch {
	case h.keys["format_version"] && h.hasAny("resource_changes", "planned_values"),
		h.keys["resource_changes"] && h.hasAny("planned_values", "configuration", "output_changes"),
		h.keys["@level"] && h.keys["terraform"]:
		return Plan
	case h.keys["format_version"] && h.keys["values"]:
		return State
	case h.keys["version"] && h.keys["terraform_version"] && h.hasAny("serial", "lineage"),
		h.keys["encrypted_data"] && h.hasAny("lineage", "encryption_version"):
		return RawState
	default:
		return ""
	}
}

// likely tells the kind of a whole document that is unusually short: a plan
// without changes, an empty state.
func (h *header) likely() Kind {
	switch {
	case h.keys["format_version"] && h.hasAny("configuration", "prior_state", "output_changes"):
		return Plan
	case h.keys["format_version"] && h.keys["terraform_version"], h.keys["format_version"] && len(h.keys) == 1:
		return State
	case h.keys["version"] && h.keys["terraform_version"]:
		return RawState
	default:
		return ""
	}
}

// isPlanArchive tells the file that `terraform plan -out` writes: a zip archive
// whose first entry is called tfplan.
func isPlanArchive(head []byte) bool {
	const nameLength, name = 26, 30 // offsets in the header of a zip entry
	if len(head) < name || !bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		return false
	}
	length := int(binary.LittleEndian.Uint16(head[nameLength:]))
	return bytes.HasPrefix(head[name:], []byte("tfplan")) && length == len("tfplan")
}
