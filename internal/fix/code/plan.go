package code

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/rogpeppe/go-internal/diff"
)

// Plan is what would be changed in source code, proven, and what is left to a
// person.
type Plan struct {
	Edits   []Edit  `json:"edits"`
	Left    []Left  `json:"left"`
	Patches []Patch `json:"patches"`
}

// Edit sets one place, for every resource that it decides.
type Edit struct {
	File    string         `json:"file"`
	Line    int            `json:"line"` // before the change, from 1
	Address string         `json:"address"`
	Name    string         `json:"name"`
	Insert  bool           `json:"insert,omitempty"` // the value is not there yet
	Before  resource.Value `json:"before"`           // with the service's default for what is left out
	After   resource.Value `json:"after"`
	// Controls and Resources are what the edit is made for. Property is what
	// it sets of them.
	Property  string         `json:"property"`
	Controls  []string       `json:"controls"`
	Resources []resource.Ref `json:"resources"`

	spot  Spot
	wants []*Want
}

// Patch is what the edits make of one file.
type Patch struct {
	File string `json:"file"`
	// Diff is in the unified form, with the names a/File and b/File.
	Diff string `json:"diff"`
	// Sum is the SHA-256, in hexadecimal, of the file with the edits.
	Sum string `json:"sum"`
	// Before and After are the whole content.
	Before []byte `json:"-"`
	After  []byte `json:"-"`

	// names are all names under which the file was read.
	names []string
}

// Diff joins the patches into one text that patch and git apply take.
func (p *Plan) Diff() string {
	var out bytes.Buffer
	for i := range p.Patches {
		out.WriteString(p.Patches[i].Diff)
	}
	return out.String()
}

func newPatch(f *target, after []byte) Patch {
	file := f.name
	text := diff.Diff("a/"+slashed(file), f.content, "b/"+slashed(file), after)
	if _, rest, found := bytes.Cut(text, []byte("\n")); found {
		text = rest // the command that would have made it
	}
	sum := sha256.Sum256(after)
	return Patch{File: file, Diff: string(tightened(text)), Sum: hex.EncodeToString(sum[:]), Before: f.content, After: after, names: f.names}
}

// sort brings the plan into the order of files and lines.
func (p *Plan) sort() {
	slices.SortFunc(p.Edits, func(a, b Edit) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Name, b.Name), cmp.Compare(a.spot.Key, b.spot.Key))
	})
	slices.SortFunc(p.Left, func(a, b Left) int {
		return cmp.Or(cmp.Compare(a.Resource.Origin.File, b.Resource.Origin.File), cmp.Compare(a.Resource.Origin.Line, b.Resource.Origin.Line),
			cmp.Compare(a.Resource.Key(), b.Resource.Key()), control.CompareIDs(a.Control, b.Control), cmp.Compare(a.Property, b.Property))
	})
	slices.SortFunc(p.Patches, func(a, b Patch) int { return cmp.Compare(a.File, b.File) })
}
