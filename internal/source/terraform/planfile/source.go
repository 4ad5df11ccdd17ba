package planfile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
)

// pageSize is how many resources are judged at a time.
const pageSize = 100

// Source reads plans and states.
type Source struct {
	files   []string
	mapping *terraform.Mapping
	thrift  thrift
}

var _ scan.Source = (*Source)(nil)

// New makes a source over files that hold plans and states as JSON. What kind
// each of them is shows when it is read.
func New(files []string, mapping *terraform.Mapping) *Source {
	return &Source{files: files, mapping: mapping}
}

// List implements scan.Source: one unit per file. A file that cannot be read is
// a gap, and the others are judged all the same.
func (s *Source) List(_ context.Context, wants resource.Wants) (*scan.Listing, error) {
	listing := &scan.Listing{PlaceName: "files"}
	for _, file := range s.files {
		place := scan.Place{File: file}
		listing.Places = append(listing.Places, place)
		listing.Units = append(listing.Units, scan.Unit{
			Place: place,
			Read: func(ctx context.Context, sink scan.Sink) error {
				return s.read(ctx, file, wants, sink)
			},
		})
	}
	return listing, nil
}

// read judges one file. The file's own faults become a gap.
func (s *Source) read(ctx context.Context, name string, wants resource.Wants, sink scan.Sink) error {
	file, err := open(name)
	if err != nil {
		return sink.Gap(gapOf(name, err))
	}
	defer file.Close()
	defer s.thrift.over(file)()
	f := &reading{ctx: ctx, name: name, in: file, sink: sink}
	err = f.all(s.mapping, wants)
	switch {
	case f.sinkErr != nil:
		return f.sinkErr
	case ctx.Err() != nil:
		return sink.Gap(finding.Gap{File: name, Reason: finding.GapInterrupted})
	case err != nil:
		return sink.Gap(gapOf(name, err))
	default:
		return nil
	}
}

// open opens a file that can be read more than once. A pipe, as a shell makes
// for <(terraform show -json tfplan), is kept in a temporary file that is gone
// when it is closed.
func open(name string) (*os.File, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if info.Mode()&(os.ModeNamedPipe|os.ModeSocket|os.ModeCharDevice) == 0 {
		return file, nil
	}
	defer file.Close()
	kept, err := os.CreateTemp("", "holdfast-plan-*")
	if err != nil {
		return nil, err
	}
	// Unlinked at once where the system allows it: a kill leaves nothing behind.
	_ = os.Remove(kept.Name())
	if _, err := io.Copy(kept, file); err != nil {
		return nil, errors.Join(err, kept.Close())
	}
	return kept, nil
}

// reading is the reading of one file, from the first pass to the last.
type reading struct {
	ctx  context.Context
	name string
	in   io.ReadSeeker
	sink scan.Sink
	// sinkErr is an error of the sink, which ends the scan.
	sinkErr error

	head      *header
	kind      Kind
	config    *configuration
	selection *terraform.Selection
	resolver  *resolver
	others    terraform.Objects
	page      []*resource.Resource
}

func (f *reading) all(mapping *terraform.Mapping, wants resource.Wants) error {
	wants, err := f.survey(mapping, wants)
	if err != nil || len(wants) == 0 {
		return err
	}
	f.selection = mapping.Select(wants)
	if err := f.collect(); err != nil {
		return err
	}
	if err := f.resources(); err != nil {
		return err
	}
	return f.flush()
}

// pass reads the file from its start.
func (f *reading) pass(r *reader) (*header, error) {
	if _, err := f.in.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	r.walker = newWalker(decoded(interruptible{f.ctx, f.in}))
	return r.document()
}

// interruptible ends with the context.
type interruptible struct {
	ctx context.Context
	in  io.Reader
}

func (i interruptible) Read(p []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.in.Read(p)
}

// survey reads the whole file once: what it is, whether it is sound, what its
// configuration refers to, and which of the wanted types it holds at all, which
// it returns.
func (f *reading) survey(mapping *terraform.Mapping, wants resource.Wants) (resource.Wants, error) {
	full := mapping.Select(wants)
	found := make(resource.Wants)
	f.config = newConfiguration()
	f.resolver = &resolver{config: f.config, keys: newCensus()}
	nothing := func(string) ([]string, bool) { return nil, true }
	r := &reader{wants: wantedBy(full.Types(), nothing)}
	r.instance = func(i *instance) error {
		if _, looked := full.Needs(i.typ); !looked || !i.managed() {
			return nil
		}
		f.resolver.keys.add(i.address)
		if typ, ok := full.TypeOf(i.typ); ok {
			found[typ] = wants[typ]
		}
		return nil
	}
	c := &configReader{reader: r, wants: wantedBy(full.Types(), full.Needs), into: f.config}
	r.config = c.read
	r.variables = func() error { return r.object(c.variable) }
	var err error
	if f.head, err = f.pass(r); err != nil {
		return nil, err
	}
	f.kind = f.head.kind
	return found, f.caveats()
}

// caveats reports what a plan says that it leaves out.
func (f *reading) caveats() error {
	gap := finding.Gap{File: f.name, Reason: finding.GapFailed}
	switch {
	case f.kind != Plan || !f.head.errored && !f.head.partial:
		return nil
	case f.head.errored:
		gap.Detail = "errored: Terraform stopped at an error while it planned, so that the plan lacks resources"
		gap.Try = "terraform plan -out=tfplan, until it ends without an error"
	default:
		gap.Detail = "complete: the plan covers only a part of the configuration, because of -target or of changes put off"
		gap.Try = "terraform plan -out=tfplan, without -target"
	}
	return f.keep(f.sink.Gap(gap))
}

// keep remembers an error of the sink, so that it is not taken for the file's.
func (f *reading) keep(err error) error {
	f.sinkErr = cmp.Or(f.sinkErr, err)
	return err
}

// wantedBy lists the attributes to keep. ARN and region are always among them:
// they tell where a resource is.
func wantedBy(types []string, needs func(string) ([]string, bool)) *wanted {
	w := &wanted{byType: make(map[string]map[string]bool), any: map[string]bool{"arn": true, "region": true}}
	for _, typ := range types {
		attributes, ok := needs(typ)
		if !ok {
			continue
		}
		w.byType[typ] = map[string]bool{"arn": true, "region": true}
		for _, attribute := range attributes {
			w.byType[typ][attribute] = true
			w.any[attribute] = true
		}
	}
	return w
}

// collect reads what joins look for.
func (f *reading) collect() error {
	wants := wantedBy(f.selection.Types(), f.selection.Joins)
	if len(wants.byType) == 0 {
		return nil
	}
	kept := &prior{spoken: make(map[string]bool)}
	r := &reader{kind: f.kind, wants: wants, instance: func(i *instance) error {
		attributes, ok := f.selection.Joins(i.typ)
		if !ok || i.mode != "managed" {
			return nil
		}
		if f.head.partial {
			kept.spoken[i.address] = true
		}
		switch {
		case i.managed():
			f.others.Add(f.satellite(i, attributes))
		case i.before:
			f.leaves(i, attributes)
		}
		return nil
	}}
	if f.head.partial {
		r.prior = func(i *instance) error {
			if _, ok := f.selection.Joins(i.typ); ok && i.managed() {
				kept.list = append(kept.list, i)
			}
			return nil
		}
	}
	if _, err := f.pass(r); err != nil {
		return err
	}
	for _, i := range kept.left() {
		attributes, _ := f.selection.Joins(i.typ)
		f.others.Add(f.satellite(i, attributes))
	}
	return nil
}

// leaves notes what is there now and will be gone.
func (f *reading) leaves(i *instance, attributes []string) {
	if f.others.Leaving == nil {
		f.others.Leaving = &terraform.Objects{}
	}
	i.attributes = i.old
	f.others.Leaving.Add(f.object(i, attributes))
}

// prior is what there was before a plan that covers only a part of it.
type prior struct {
	list   []*instance
	spoken map[string]bool // the addresses that the plan itself speaks of
}

func (p *prior) left() []*instance {
	return slices.DeleteFunc(p.list, func(i *instance) bool { return p.spoken[i.address] })
}

// resources reads the resources and sends them, a page at a time.
func (f *reading) resources() error {
	r := &reader{kind: f.kind, wants: wantedBy(f.selection.Types(), f.owned)}
	r.instance = func(i *instance) error {
		if !i.managed() || !f.selection.Owner(i.typ) {
			return nil
		}
		if i.address == "" {
			return errors.New("address: is missing")
		}
		attributes, _ := f.selection.Needs(i.typ)
		f.page = append(f.page, f.selection.Resource(f.object(i, attributes), &f.others))
		if len(f.page) < pageSize {
			return nil
		}
		return f.flush()
	}
	_, err := f.pass(r)
	return err
}

// owned are the attributes of types that become resources.
func (f *reading) owned(typ string) ([]string, bool) {
	if !f.selection.Owner(typ) {
		return nil, false
	}
	return f.selection.Needs(typ)
}

func (f *reading) flush() error {
	if len(f.page) == 0 {
		return nil
	}
	page := f.page
	f.page = nil
	if err := f.keep(f.sink.Resources(page)); err != nil {
		return fmt.Errorf("judge: %w", err)
	}
	return nil
}
