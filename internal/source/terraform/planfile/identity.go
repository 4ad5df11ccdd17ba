package planfile

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/holdfast-aws/holdfast/internal/source/terraform"
)

// Identity is what a state says of one resource instance to tell it from all
// others in AWS.
type Identity struct {
	// Type is the resource type, Address Terraform's address of the instance.
	Type, Address string
	// ARN, ID and UID are its names, as far as the state holds them and does not
	// mark them as sensitive. UID is what survives a rename.
	ARN, ID, UID    string
	Account, Region string
	// Line is where the instance begins in the file, from 1.
	Line int
}

// arnAttributes and uidAttributes are where the AWS provider keeps these names;
// the first that is set counts.
var (
	arnAttributes = []string{"arn", "db_cluster_snapshot_arn", "db_snapshot_arn"}
	uidAttributes = []string{"cluster_resource_id", "dbi_resource_id", "resource_id"}
)

// StateError is a state file that cannot be used.
type StateError struct {
	File   string
	Detail string
	Try    string
	Cause  error
}

func (e *StateError) Error() string { return fmt.Sprintf("read state %s: %s", e.File, e.Detail) }

// Unwrap returns the cause.
func (e *StateError) Unwrap() error { return e.Cause }

// Hint says what to do about it.
func (e *StateError) Hint() string { return e.Try }

// pullState makes a state that can be read.
const pullState = "terraform state pull > state.json"

// Identities lists the instances of resource types that the mapping knows in a
// state: a raw one of version 4, or one that `terraform show -json` has written.
// The instances of a region or account that nothing tells take those of the
// others, where all of these lie in one. Every error is a *StateError.
func Identities(ctx context.Context, name string, mapping *terraform.Mapping) ([]Identity, error) {
	file, err := open(name)
	if err != nil {
		return nil, stateError(name, err)
	}
	defer file.Close()
	return identitiesIn(ctx, name, file, mapping)
}

func identitiesIn(ctx context.Context, name string, in io.ReadSeeker, mapping *terraform.Mapping) ([]Identity, error) {
	types := mapping.Names()
	names := slices.Concat([]string{"id"}, arnAttributes, uidAttributes)
	var found []Identity
	r := &reader{wants: wantedBy(slices.Sorted(maps.Keys(types)), func(string) ([]string, bool) { return names, true })}
	f := &reading{ctx: ctx, name: name, in: in, config: newConfiguration()}
	r.instance = func(i *instance) error {
		if typ, ok := types[i.typ]; ok && i.managed() && i.address != "" {
			found = append(found, f.identity(typ, i))
		}
		return nil
	}
	head, err := f.pass(r)
	switch {
	case err != nil:
		return nil, stateError(name, err)
	case head.kind == Plan:
		return nil, &StateError{File: name, Detail: "this is a plan, and what it is about may not be there yet", Try: pullState}
	}
	settle(found)
	return found, nil
}

func stateError(name string, err error) error {
	gap := gapOf(name, err)
	if gap.Try == "" {
		gap.Try = pullState
	}
	return &StateError{File: name, Detail: gap.Detail, Try: gap.Try, Cause: err}
}

func (f *reading) identity(typ string, i *instance) Identity {
	one := Identity{Type: typ, Address: i.address, ID: i.text("id"), Line: i.line}
	one.ARN, one.UID = i.first(arnAttributes), i.first(uidAttributes)
	one.Region, one.Account = whereabouts(one.ARN)
	if one.Region == "" {
		one.Region = i.text("region")
	}
	return one
}

// first is the first of the attributes that is a plain text.
func (i *instance) first(attributes []string) string {
	for _, attribute := range attributes {
		if text := i.text(attribute); text != "" {
			return text
		}
	}
	return ""
}

// settle gives instances that do not tell where they are the place of all the
// others, if that is one.
func settle(found []Identity) {
	regions, accounts := make(map[string]bool), make(map[string]bool)
	for i := range found {
		regions[found[i].Region], accounts[found[i].Account] = true, true
	}
	region, account := only(regions), only(accounts)
	for i := range found {
		if found[i].Region == "" {
			found[i].Region = region
		}
		if found[i].Account == "" {
			found[i].Account = account
		}
	}
}

// only is the one name in a set, beside the empty one.
func only(names map[string]bool) string {
	one := ""
	for name := range names {
		if name != "" && one != "" {
			return ""
		}
		if name != "" {
			one = name
		}
	}
	return one
}
