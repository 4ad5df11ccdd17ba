package rdsplane

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/live/answer"
	"github.com/holdfast-aws/holdfast/services/backup"
)

// protection tells instances what AWS Backup does for them.
type protection struct{ covers map[*taker]*backup.Cover }

func newProtection(ctx context.Context, p *pass) *protection {
	covers := make(map[*taker]*backup.Cover)
	for _, t := range p.takers {
		reading := &answer.Reading{Place: p.place, Type: t.typ, Sink: p.sink, Wants: p.wants}
		if t.share.Backup != "" && reading.AnyWanted(backup.PlansProperty, backup.LockedProperty, backup.LastProperty) {
			covers[t] = backup.CoverOf(ctx, reading)
		}
	}
	return &protection{covers}
}

// apply leaves members of clusters out: AWS Backup backs up their cluster.
func (p *protection) apply(r *resource.Resource, i *types.DBInstance, t *taker) {
	cover := p.covers[t]
	if cover == nil || i.DBClusterIdentifier != nil {
		return
	}
	cover.Apply(r, backup.Target{Service: t.share.Backup, Tags: func() (map[string]string, *resource.Missing) {
		all := make(map[string]string, len(i.TagList))
		for _, tag := range i.TagList {
			all[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
		return all, nil
	}})
}

// report tells what of AWS Backup could not be read.
func (p *protection) report() error {
	for _, cover := range p.covers {
		if err := cover.Report(); err != nil {
			return err
		}
	}
	return nil
}
