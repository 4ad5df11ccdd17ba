package cloudformation

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"gopkg.in/yaml.v3"
)

// Options say what is known beside the templates.
type Options struct {
	// Types are the resource types by name, with the names that CloudFormation
	// has for them and their properties.
	Types   map[string]*control.Type
	Joiners []Joiner
	// Parameters are values by name, pseudo parameters such as AWS::Region
	// among them. They win over files and defaults.
	Parameters map[string]string
	// ParameterFiles hold values in the form of the AWS CLI or of CodePipeline.
	// A later file wins over an earlier one.
	ParameterFiles []string
	// Overlay holds contents that stand in place of those of files, by the name
	// that origins give them or by absolute path.
	Overlay map[string][]byte
}

// Source reads templates, directories of templates and cloud assemblies.
type Source struct {
	paths   []string
	options Options
	disk    disk
}

var _ scan.Source = (*Source)(nil)

// New makes a source over files and directories. Templates that others among
// them nest are read through those, with what they are handed down.
func New(paths []string, options Options) *Source {
	return &Source{paths: paths, options: options, disk: newDisk(options.Overlay, readFile)}
}

// List implements scan.Source: one unit per template that no other one nests.
// It fails when a parameter file cannot be read, or when a parameter is given
// that no template has.
func (s *Source) List(_ context.Context, wants resource.Wants) (*scan.Listing, error) {
	found := find(s.paths, s.disk)
	given, err := readGiven(s.options, s.disk)
	if err != nil {
		return nil, err
	}
	if err := given.check(found.roots, s.disk); err != nil {
		return nil, err
	}
	listing := &scan.Listing{PlaceName: "files", Gaps: found.gaps}
	for _, file := range found.files {
		listing.Places = append(listing.Places, scan.Place{File: file})
	}
	selection := s.choose(wants)
	listed := make(map[string]bool, len(found.files))
	for _, file := range found.files {
		listed[file] = true
	}
	for _, one := range found.roots {
		listing.Units = append(listing.Units, scan.Unit{
			Place: scan.Place{File: one.file},
			Read: func(ctx context.Context, sink scan.Sink) error {
				r := &reader{selection: selection, disk: s.disk, sink: sink, root: one.file, listed: listed}
				return r.read(ctx, one, given)
			},
		})
	}
	return listing, nil
}

// selection is what one scan needs, by CloudFormation's names.
type selection struct {
	types      map[string]*control.Type // that become resources
	wants      resource.Wants
	joiners    map[string][]Joiner
	satellites map[string]bool   // what joiners look for, and whom they look for it
	known      map[string]string // every type that becomes a resource in some scan, and which
}

func (s *Source) choose(wants resource.Wants) *selection {
	out := &selection{
		types: make(map[string]*control.Type), wants: wants,
		joiners: make(map[string][]Joiner), satellites: make(map[string]bool), known: make(map[string]string),
	}
	for _, t := range s.options.Types {
		out.known[t.CloudFormation] = t.Name
		for _, also := range t.CloudFormationAlso {
			out.known[also] = t.Name
		}
	}
	for name := range wants {
		if t := s.options.Types[name]; t != nil && t.CloudFormation != "" {
			out.types[t.CloudFormation] = t
			for _, also := range t.CloudFormationAlso {
				out.types[also] = t
			}
		}
	}
	for _, joiner := range s.options.Joiners {
		for _, owner := range joiner.Owners() {
			out.joiners[owner] = append(out.joiners[owner], joiner)
			out.satellites[owner] = true
		}
		for _, satellite := range joiner.Satellites() {
			out.satellites[satellite] = true
		}
	}
	return out
}

// reader reads one root template.
type reader struct {
	*selection
	disk   disk
	sink   scan.Sink
	root   string          // the root template's file
	listed map[string]bool // the files that coverage counts
	gaps   []finding.Gap
	told   map[string]bool
	others map[*stack]*Objects
	said   map[said][]resource.Remark
	page   []*resource.Resource
}

// pageSize is how many resources are judged at a time.
const pageSize = 100

func (r *reader) read(ctx context.Context, from root, given *given) error {
	r.told, r.others = make(map[string]bool), make(map[*stack]*Objects)
	r.said = make(map[said][]resource.Remark)
	t, err := r.disk.load(from.file)
	if err != nil {
		return r.sink.Gap(gapOf(from.file, err))
	}
	shared := &run{disk: r.disk, load: cached(r.disk.load), report: r.report}
	top := newStack(t, shared, "", given.arguments(from), given.pseudo(from))
	top.tags = given.tagsOf(from)
	if err := r.walk(ctx, top); err != nil {
		return err
	}
	if shared.broken {
		r.report(finding.Gap{
			File: from.file, Reason: finding.GapMalformed,
			Detail: "the template expands to more than can be looked at; what was not is unknown",
		})
	}
	if err := r.flush(); err != nil {
		return err
	}
	for _, gap := range r.gaps {
		if err := r.sink.Gap(gap); err != nil {
			return err
		}
	}
	return nil
}

// report keeps a gap, once. It lies in a file that coverage counts: one that
// is found only while the template is evaluated is told under the root.
func (r *reader) report(gap finding.Gap) {
	if !r.listed[gap.File] {
		gap.File, gap.Detail = r.root, gap.File+": "+gap.Detail
	}
	key := strings.Join([]string{gap.File, gap.Type, gap.Resource, gap.Detail}, "\x00")
	if !r.told[key] {
		r.told[key] = true
		r.gaps = append(r.gaps, gap)
	}
}

// walk judges the resources of a stack and of those below it.
func (r *reader) walk(ctx context.Context, s *stack) error {
	s.reportServerless(r.types)
	for _, one := range s.entries {
		if err := ctx.Err(); err != nil {
			return errors.Join(r.flush(), r.sink.Gap(finding.Gap{File: r.root, Reason: finding.GapInterrupted}))
		}
		if err := r.entry(ctx, s, one); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) entry(ctx context.Context, s *stack, one entry) error {
	typ := one.typ()
	t := r.types[typ]
	if t == nil && !nests(typ) {
		return nil
	}
	o := s.object(one)
	if o == nil {
		return nil // its condition is false
	}
	world := s
	if name := textOf(one.body, "Condition"); name != "" && s.presence(one).is == Unsure {
		world = s.supposing(one.loop.fill(name))
		o = world.object(one)
	}
	if t != nil {
		return r.resource(world, o, t)
	}
	if child := world.child(one); child != nil {
		return r.walk(ctx, child)
	}
	return nil
}

func (r *reader) resource(world *stack, o *Object, t *control.Type) error {
	made := convert(o, t, r.wants[t.Name])
	made.Remarks, made.FileRemarks = r.remarks(o)
	for _, joiner := range r.joiners[o.Type] {
		joiner.Join(made, o, r.beside(world))
	}
	for name, value := range made.Properties {
		if value.Kind() == resource.Absent || !r.wants.Has(t.Name, name) {
			delete(made.Properties, name)
		}
	}
	if r.page = append(r.page, made); len(r.page) >= pageSize {
		return r.flush()
	}
	return nil
}

// said is a resource that remarks stand at, or with no key its whole file.
type said struct {
	stack *stack
	key   *yaml.Node
}

// remarks returns what is written at an object and in its file. Resources share
// it, as a loop may make many.
func (r *reader) remarks(o *Object) (own, file []resource.Remark) {
	at, all := said{o.stack, o.entry.key}, said{o.stack, nil}
	if _, known := r.said[at]; !known {
		r.said[at] = o.stack.remarksOn(o.entry)
	}
	if _, known := r.said[all]; !known {
		r.said[all] = o.stack.fileRemarks(r.known)
	}
	return r.said[at], r.said[all]
}

// beside returns what stands beside the resources of a stack.
func (r *reader) beside(world *stack) *Objects {
	others, ok := r.others[world]
	if !ok {
		others = &Objects{byType: make(map[string][]*Object)}
		gather(world.top(), world, r.satellites, others)
		r.others[world] = others
	}
	return others
}

func (r *reader) flush() error {
	page := r.page
	r.page = nil
	if len(page) == 0 {
		return nil
	}
	return r.sink.Resources(page)
}

// cached loads every template once: stacks may nest one a thousand times.
func cached(load func(string) (*template, error)) func(string) (*template, error) {
	type loaded struct {
		template *template
		err      error
	}
	known := make(map[string]loaded)
	return func(file string) (*template, error) {
		one, ok := known[file]
		if !ok {
			one.template, one.err = load(file)
			known[file] = one
		}
		return one.template, one.err
	}
}

// gapOf tells why a file is not judged.
func gapOf(file string, err error) finding.Gap {
	gap := finding.Gap{File: file, Reason: finding.GapFailed, Detail: err.Error()}
	var syntax *SyntaxError
	switch {
	case errors.As(err, &syntax):
		gap.Reason, gap.Detail = finding.GapMalformed, fmt.Sprintf("line %d: %s", syntax.Line, syntax.Cause)
		gap.Try = "aws cloudformation validate-template --template-body file://" + file
	case errors.Is(err, fs.ErrPermission):
		gap.Reason = finding.GapDenied
	}
	return gap
}
