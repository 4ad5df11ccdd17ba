package snapshot

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
)

const (
	// maxLine bounds one line of a snapshot, which is one resource.
	maxLine = 8 << 20
	// pageSize is how many resources are judged at a time.
	pageSize = 100
)

// Source reads saved snapshots.
type Source struct{ files []string }

var _ scan.Source = (*Source)(nil)

// New makes a source over snapshot files.
func New(files []string) *Source { return &Source{files: files} }

// List implements scan.Source: one unit per file. Each file is first read to its
// end, so that a fault in it is told before there is any result. A resource type
// that a snapshot was not asked for is a gap in each of its places.
func (s *Source) List(ctx context.Context, wants resource.Wants) (*scan.Listing, error) {
	listing := &scan.Listing{PlaceName: "account-regions"}
	holds := make(map[held]string)
	for _, file := range s.files {
		head, err := check(ctx, file)
		if err != nil {
			return nil, err
		}
		if err := head.claim(file, holds); err != nil {
			return nil, err
		}
		listing.Places = append(listing.Places, head.Places...)
		listing.NotOptedIn = append(listing.NotOptedIn, head.NotOptedIn...)
		listing.Gaps = append(listing.Gaps, head.without(wants, file)...)
		listing.Units = append(listing.Units, scan.Unit{
			Place: scan.Place{File: file},
			Read: func(ctx context.Context, sink scan.Sink) error {
				return read(ctx, file, wants, sink)
			},
		})
	}
	slices.Sort(listing.NotOptedIn)
	listing.NotOptedIn = slices.Compact(listing.NotOptedIn)
	return listing, nil
}

// check reads a file to its end and returns its header.
func check(ctx context.Context, file string) (*header, error) {
	opened, err := open(file)
	if err != nil {
		return nil, err
	}
	for err == nil && ctx.Err() == nil {
		var next *line
		if next, err = opened.next(); next == nil {
			break
		}
	}
	return opened.head, errors.Join(err, opened.close())
}

// held is a resource type in a place.
type held struct {
	place scan.Place
	typ   string
}

// claim refuses a snapshot that holds what another one holds: it would be
// judged and counted twice.
func (h *header) claim(file string, holds map[held]string) error {
	for _, place := range h.Places {
		for _, typ := range slices.Sorted(maps.Keys(h.Wants)) {
			key := held{place, typ}
			if other := holds[key]; other != "" {
				return &Error{File: file, Line: 1, Cause: fmt.Errorf("places: %s in %s %s is in %s too and would be judged twice",
					typ, place.Account, place.Region, other)}
			}
			holds[key] = file
		}
	}
	return nil
}

// without lists the gaps for the types that the snapshot was not asked for.
func (h *header) without(wants resource.Wants, file string) []finding.Gap {
	places := h.Places
	if len(places) == 0 {
		places = []scan.Place{{File: file}}
	}
	var gaps []finding.Gap
	for _, typ := range slices.Sorted(maps.Keys(wants)) {
		if _, ok := h.Wants[typ]; ok {
			continue
		}
		for _, place := range places {
			gaps = append(gaps, finding.Gap{
				Account: place.Account, Region: place.Region, File: place.File, Type: typ, Reason: finding.GapFailed,
				Detail: "the snapshot was taken without this resource type",
				Try:    "holdfast snapshot --output " + file + ", without --control",
			})
		}
	}
	return gaps
}

// read streams one file.
func read(ctx context.Context, file string, wants resource.Wants, sink scan.Sink) error {
	opened, err := open(file)
	if err != nil {
		return err
	}
	defer opened.close()
	var page []*resource.Resource
	flush := func() error {
		sent := page
		page = nil
		return sink.Resources(sent)
	}
	for {
		if err := ctx.Err(); err != nil {
			return errors.Join(flush(), opened.head.interrupted(sink))
		}
		next, err := opened.next()
		switch {
		case err != nil:
			return err
		case next == nil:
			return flush()
		case next.Gap != nil && (next.Gap.Type == "" || wants[next.Gap.Type] != nil):
			err = errors.Join(flush(), sink.Gap(*next.Gap))
		case next.Resource != nil && wants[next.Resource.Type] != nil:
			opened.head.fillUnread(next.Resource, wants, file)
			if page = append(page, next.Resource); len(page) >= pageSize {
				err = flush()
			}
		}
		if err != nil {
			return err
		}
	}
}

// interrupted tells that the rest of the file was not read, whose places may be
// any of its places.
func (h *header) interrupted(sink scan.Sink) error {
	for _, place := range h.Places {
		err := sink.Gap(finding.Gap{
			Account: place.Account, Region: place.Region, Reason: finding.GapInterrupted,
			Detail: "the scan was stopped before all of the snapshot was read",
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// fillUnread marks wanted properties that the snapshot was not asked for as
// unknown: their absence says nothing.
func (h *header) fillUnread(r *resource.Resource, wants resource.Wants, file string) {
	for _, property := range wants[r.Type] {
		if h.Wants.Has(r.Type, property) {
			continue
		}
		if r.Properties == nil {
			r.Properties = make(map[string]resource.Value)
		}
		r.Properties[property] = resource.OfUnknown(resource.Missing{
			Reason: resource.ReasonNotRead, Detail: "the snapshot was taken without this property",
			Settle: "a snapshot taken without --control, in place of " + file,
		})
	}
}

// Detect reports whether a file begins as a snapshot does. It reads no more
// than a few bytes.
func Detect(name string) (bool, error) {
	file, err := os.Open(name)
	if err != nil {
		return false, err
	}
	defer file.Close()
	start := make([]byte, len(opening))
	n, err := io.ReadFull(file, start)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return false, err
	}
	return string(start[:n]) == opening, nil
}

// opening is how the first line of every snapshot begins.
const opening = `{"snapshot":`

// reader reads a snapshot line by line and checks its shape.
type reader struct {
	name   string
	file   *os.File
	lines  *bufio.Scanner
	number int
	head   *header
	count  end
}

// Error is a fault in a snapshot file.
type Error struct {
	File  string
	Line  int
	Cause error
}

func (e *Error) Error() string { return fmt.Sprintf("snapshot %s:%d: %s", e.File, e.Line, e.Cause) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Hint says how to get a snapshot that can be read.
func (e *Error) Hint() string { return "holdfast snapshot --output account.ndjson" }

func open(name string) (*reader, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read snapshot: %w", err)
	}
	// It is read twice, and a pipe cannot be.
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		_ = file.Close()
		return nil, &Error{File: name, Line: 1, Cause: errors.New("this is no file")}
	}
	r := &reader{name: name, file: file, lines: bufio.NewScanner(file)}
	r.lines.Buffer(make([]byte, 0, 1<<16), maxLine)
	first, err := r.line()
	switch {
	case errors.Is(err, io.EOF):
		err = r.fault(errors.New("the file is empty"))
	case err == nil && first.Snapshot == nil:
		err = r.fault(errors.New(`this is no snapshot: the first line must hold "snapshot"`))
	case err == nil && first.Snapshot.Format != Format:
		err = r.fault(fmt.Errorf("format: version %d cannot be read, only %d", first.Snapshot.Format, Format))
	}
	if err != nil {
		return nil, errors.Join(err, r.close())
	}
	r.head = first.Snapshot
	return r, nil
}

func (r *reader) close() error { return r.file.Close() }

func (r *reader) fault(cause error) error {
	return &Error{File: r.name, Line: max(1, r.number), Cause: cause}
}

// line decodes the next line strictly.
func (r *reader) line() (*line, error) {
	if !r.lines.Scan() {
		if err := r.lines.Err(); err != nil {
			r.number++
			return nil, r.fault(err)
		}
		return nil, io.EOF
	}
	r.number++
	decoder := json.NewDecoder(bytes.NewReader(r.lines.Bytes()))
	decoder.DisallowUnknownFields()
	var next line
	if err := decoder.Decode(&next); err != nil {
		return nil, r.fault(err)
	}
	set := 0
	for _, is := range []bool{next.Snapshot != nil, next.Resource != nil, next.Gap != nil, next.End != nil} {
		if is {
			set++
		}
	}
	if set != 1 || decoder.More() {
		return nil, r.fault(errors.New(`a line holds one of "snapshot", "resource", "gap" and "end"`))
	}
	return &next, nil
}

// next returns the next resource or gap, or nil after a proper end.
func (r *reader) next() (*line, error) {
	next, err := r.line()
	switch {
	case errors.Is(err, io.EOF):
		return nil, r.fault(errors.New("the file was cut off: its end line is missing"))
	case err != nil:
		return nil, err
	case next.Snapshot != nil:
		return nil, r.fault(errors.New("a second header; snapshots cannot be joined, name several files instead"))
	case next.End != nil:
		return nil, r.end(next.End)
	case next.Gap != nil:
		r.count.Gaps++
	case next.Resource.Type == "" || next.Resource.ID == "":
		return nil, r.fault(errors.New("resource: needs a type and an id"))
	default:
		r.count.Resources++
	}
	return next, nil
}

// end checks that nothing was lost and that nothing follows.
func (r *reader) end(want *end) error {
	if *want != r.count {
		return r.fault(fmt.Errorf("end: counts %d resources and %d gaps, the file holds %d and %d",
			want.Resources, want.Gaps, r.count.Resources, r.count.Gaps))
	}
	if _, err := r.line(); !errors.Is(err, io.EOF) {
		return r.fault(errors.New("something follows the end line"))
	}
	return nil
}
