package backup

import (
	"context"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/live/answer"
)

// The operations that reading AWS Backup's protection takes.
const (
	listPlans      = "backup:ListBackupPlans"
	listSelections = "backup:ListBackupSelections"
	getSelection   = "backup:GetBackupSelection"
	regionSettings = "backup:DescribeRegionSettings"
	getPlan        = "backup:GetBackupPlan"
	listVaults     = "backup:ListBackupVaults"
	listProtected  = "backup:ListProtectedResources"
)

// The properties that a Cover tells of a resource, under the same names in
// every resource type.
const (
	PlansProperty  = "BackupPlans"       // list(string): the plans that take the resource
	LockedProperty = "BackupVaultLocked" // bool: one of them keeps backups in a locked vault
	LastProperty   = "LastBackupTime"    // time: of the newest backup that AWS Backup holds
)

// ProtectionReads lists every operation that CoverOf may call.
func ProtectionReads() []string {
	return []string{listPlans, listSelections, getSelection, regionSettings, getPlan, listVaults, listProtected}
}

// Target is a resource that a backup plan may take.
type Target struct {
	// Service is what AWS Backup calls its kind: DynamoDB, EBS, EFS, FSx, RDS,
	// Aurora, Neptune, DocumentDB, Redshift, S3.
	Service string
	// Tags returns its tags, or why they are not known. It is called only where
	// a selection by tag must decide.
	Tags func() (map[string]string, *resource.Missing)
}

// Cover is what AWS Backup protects in one region of one account.
type Cover struct {
	reading *answer.Reading
	load    func()
	once    sync.Once
	plans   *plans
	rules   *rules
	last    *protected
}

// part is one kind of what is remembered of a place.
type part struct{ account, region, name string }

// CoverOf prepares to read what the wanted properties of a resource type need.
// Nothing is read before the first Apply, and then each part once in a scan and
// account-Region, whoever asks first. What could not be read is kept, and
// becomes unknown where it matters.
func CoverOf(ctx context.Context, r *answer.Reading) *Cover {
	c := &Cover{reading: r}
	c.load = func() { c.read(ctx) }
	return c
}

func (c *Cover) read(ctx context.Context) {
	r := c.reading
	client := backup.NewFromConfig(r.Place.Config)
	if r.AnyWanted(PlansProperty, LockedProperty) {
		c.plans = recall(r, "plans", func() *plans { return readPlans(ctx, client, &r.Place) })
	}
	if r.Wanted(LockedProperty) {
		c.rules = recall(r, "rules", func() *rules { return readRules(ctx, client, &r.Place, c.plans) })
	}
	if r.Wanted(LastProperty) {
		c.last = recall(r, "protected", func() *protected { return readProtected(ctx, client, &r.Place) })
	}
}

func recall[T any](r *answer.Reading, name string, read func() *T) *T {
	key := part{r.Place.Account, r.Place.Region, "backup " + name}
	return awsconn.Recall(r.Place.Memo, key, func() (*T, bool) { return read(), true })
}

// Apply sets the wanted properties of a resource, by its ARN. It is safe for
// use by many goroutines at once.
func (c *Cover) Apply(one *resource.Resource, target Target) {
	c.once.Do(c.load)
	matched := matches{}
	if c.plans != nil {
		matched = c.plans.taking(one.ARN, target)
	}
	if c.reading.Wanted(PlansProperty) {
		one.Properties[PlansProperty] = matched.property()
	}
	if c.rules != nil {
		one.Properties[LockedProperty] = c.rules.locked(matched)
	}
	if c.last != nil {
		if value := c.last.of(one.ARN); value.Kind() != resource.Absent {
			one.Properties[LastProperty] = value
		}
	}
}

// Report sends what could not be read to the sink, as gaps of the resource type
// that needs it. It comes after the last Apply.
func (c *Cover) Report() error {
	var gaps []finding.Gap
	if c.plans != nil {
		gaps = append(gaps, c.plans.gaps...)
	}
	if c.rules != nil {
		gaps = append(gaps, c.rules.gaps...)
	}
	if c.last != nil {
		gaps = append(gaps, c.last.gaps...)
	}
	for _, gap := range gaps {
		gap.Type = c.reading.Type
		if err := c.reading.Sink.Gap(gap); err != nil {
			return err
		}
	}
	return nil
}

// protected is when each resource was last backed up.
type protected struct {
	times map[string]time.Time
	gaps  []finding.Gap
	open  *resource.Missing // why there may be more
}

func readProtected(ctx context.Context, client *backup.Client, place *awsconn.Place) *protected {
	p := &protected{times: make(map[string]time.Time)}
	broken, _ := answer.Pages(func(next *string) (answer.Page[protectedResource], error) {
		return listProtectedPage(ctx, client, next)
	}, func(items []protectedResource) error {
		for _, item := range items {
			if item.ResourceArn != nil && item.LastBackupTime != nil {
				p.times[*item.ResourceArn] = *item.LastBackupTime
			}
		}
		return nil
	})
	if broken != nil {
		gap := place.Gap("", listProtected, broken)
		p.gaps, p.open = append(p.gaps, gap), answer.Missing(gap)
	}
	return p
}

func (p *protected) of(arn string) resource.Value {
	if at, ok := p.times[arn]; ok {
		return resource.OfTime(at)
	}
	if p.open != nil {
		return resource.OfUnknown(*p.open)
	}
	return resource.Value{}
}
