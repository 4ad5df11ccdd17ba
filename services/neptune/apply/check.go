package apply

import (
	"context"
	"errors"
	"fmt"

	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/neptune"
)

// MadeTag is the tag on everything that Holdfast makes. Its value is the id of
// the change and the time of the plan. Nothing without it is ever deleted.
const MadeTag = "holdfast:change"

// NotOursError says that something would have been deleted that Holdfast did
// not make.
type NotOursError struct{ Kind, ID string }

func (e *NotOursError) Error() string {
	return fmt.Sprintf("%s %s does not carry the tag %s: Holdfast deletes only what it made", e.Kind, e.ID, MadeTag)
}

// named returns the parameter that names what a call is about.
func named(params parameters, name string) (string, error) {
	id, ok := params[name].Text()
	if !ok || id == "" {
		return "", fmt.Errorf("the parameter %s is missing", name)
	}
	return id, nil
}

// The checks below assert the engine on the very object, since the endpoint
// serves others too.

func ofCluster(ctx context.Context, r *reader, params parameters) error {
	id, err := named(params, "DBClusterIdentifier")
	if err == nil {
		_, err = r.cluster(ctx, id)
	}
	return err
}

func ofSnapshot(ctx context.Context, r *reader, params parameters) error {
	id, err := named(params, "DBClusterSnapshotIdentifier")
	if err == nil {
		_, err = r.snapshot(ctx, id)
	}
	return err
}

func ofInstance(ctx context.Context, r *reader, params parameters) error {
	id, err := named(params, "DBInstanceIdentifier")
	if err == nil {
		_, err = r.instance(ctx, id)
	}
	return err
}

// asksForNeptune refuses a call that would make something of another engine.
func asksForNeptune(params parameters) error {
	if engine, _ := params["Engine"].Text(); engine != neptune.Engine {
		return fmt.Errorf("the parameter Engine is %q, not %s", engine, neptune.Engine)
	}
	return nil
}

func newInstance(ctx context.Context, r *reader, params parameters) error {
	return errors.Join(asksForNeptune(params), ofCluster(ctx, r, params))
}

func restored(ctx context.Context, r *reader, params parameters) error {
	id, err := named(params, "SnapshotIdentifier")
	if err == nil {
		_, err = r.snapshot(ctx, id)
	}
	return errors.Join(asksForNeptune(params), err)
}

func newGroup(_ context.Context, _ *reader, params parameters) error {
	family, err := named(params, "DBParameterGroupFamily")
	if err == nil && !isFamily(family) {
		err = fmt.Errorf("the parameter group family %s is not Neptune's", family)
	}
	return err
}

func customGroup(ctx context.Context, r *reader, params parameters) error {
	name, err := named(params, "DBClusterParameterGroupName")
	switch {
	case err != nil:
		return err
	case isDefaultGroup(name):
		return fmt.Errorf("the parameter group %s is AWS's own and cannot be edited", name)
	}
	_, err = r.group(ctx, name)
	return err
}

// The checks below guard what is deleted.

func ours(kind, id string, mark resource.Value) error {
	if mark.Known() {
		return nil
	}
	return &NotOursError{Kind: kind, ID: id}
}

func madeCluster(ctx context.Context, r *reader, params parameters) error {
	id, err := named(params, "DBClusterIdentifier")
	if err != nil {
		return err
	}
	c, err := r.cluster(ctx, id)
	if err != nil {
		return err
	}
	return ours("cluster", id, made(c.TagList))
}

func madeInstance(ctx context.Context, r *reader, params parameters) error {
	id, err := named(params, "DBInstanceIdentifier")
	if err != nil {
		return err
	}
	in, err := r.instance(ctx, id)
	if err != nil {
		return err
	}
	return ours("instance", id, made(in.TagList))
}

func madeSnapshot(ctx context.Context, r *reader, params parameters) error {
	id, err := named(params, "DBClusterSnapshotIdentifier")
	if err != nil {
		return err
	}
	s, err := r.snapshot(ctx, id)
	if err != nil {
		return err
	}
	return ours("snapshot", id, made(s.TagList))
}

func madeGroup(ctx context.Context, r *reader, params parameters) error {
	name, err := named(params, "DBClusterParameterGroupName")
	if err != nil {
		return err
	}
	g, err := r.group(ctx, name)
	if err != nil {
		return err
	}
	return ours("parameter group", name, r.tagged(ctx, g.DBClusterParameterGroupArn))
}
