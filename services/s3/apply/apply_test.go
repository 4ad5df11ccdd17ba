package apply_test

import (
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/lab"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/applytest"
	"github.com/holdfast-aws/holdfast/services/s3"
)

const put = "s3:PutBucketVersioning"

// with puts a bucket of some versioning into the lab, beside a sound one.
func with(versioning string) func(*applytest.Bench) {
	return func(b *applytest.Bench) {
		b.World.Account(applytest.Account).
			AddBucket(lab.Bucket{Name: "letters", Region: applytest.Region, Versioning: versioning}).
			AddBucket(lab.Bucket{Name: "sound", Region: applytest.Region, Versioning: "Enabled"})
	}
}

// kept is everything that a call could change.
func kept(b *applytest.Bench) any {
	account := b.World.Account(applytest.Account)
	one, _ := account.Bucket("letters")
	other, _ := account.Bucket("sound")
	return []string{one.Versioning, other.Versioning}
}

func is(versioning string) func(*applytest.Bench) any {
	return func(*applytest.Bench) any { return []string{versioning, "Enabled"} }
}

func TestVersioningKeepsTheContract(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]string{"never on": "", "suspended": "Suspended"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			moved := "Suspended"
			if before == moved {
				moved = ""
			}
			applytest.ContractAndExport(t, applytest.Case{
				Control: "S3.14", Given: with(before), State: kept, Beside: []string{"s3:GetBucketTagging"},
				Calls: map[string]int{put: 1}, UndoCalls: map[string]int{put: 1},
				Fixed: is("Enabled"), Undone: is("Suspended"),
				Moved: func(b *applytest.Bench) {
					b.World.Account(applytest.Account).ChangeBucket("letters", func(o *lab.Bucket) { o.Versioning = moved })
				},
			})
		})
	}
}

func TestThePlanSaysThatThereIsNoWayBackToNever(t *testing.T) {
	t.Parallel()
	for before, want := range map[string]bool{"": true, "Suspended": false} {
		b := applytest.New(t)
		with(before)(b)
		change := b.Change(b.Plan("S3.14"))
		if got := strings.Contains(strings.Join(change.Warnings, "\n"), "never be turned off again"); got != want {
			t.Errorf("before %q it says %q", before, change.Warnings)
		}
	}
}

func TestABucketThatIsGoneIsLeftAlone(t *testing.T) {
	t.Parallel()
	b := applytest.New(t)
	with("")(b)
	p := b.Plan("S3.14")
	b.World.Account(applytest.Account).RemoveBucket("letters")
	if _, status := b.Apply(p); status.State != fix.StateRefused || len(b.Writes()) != 0 {
		t.Errorf("it is %s after %v", status.State, b.Writes())
	}
	if _, err := b.Applier.Read(t.Context(), b.Ref(s3.BucketType, "letters"), nil); err == nil {
		t.Error("a bucket that is gone was read")
	}
}

func TestCallsThatNoFixMakesNeverLeaveTheMachine(t *testing.T) {
	t.Parallel()
	type parameters = map[string]resource.Value
	text := resource.OfString
	to := func(fields parameters) parameters {
		return parameters{"Bucket": text("letters"), "ExpectedBucketOwner": text(applytest.Account), "VersioningConfiguration": resource.OfMap(fields)}
	}
	nobody := to(parameters{"Status": text("Enabled")})
	delete(nobody, "ExpectedBucketOwner")
	other := to(parameters{"Status": text("Enabled")})
	other["ChecksumAlgorithm"] = text("CRC32")
	for name, test := range map[string]struct {
		parameters parameters
		want       string
	}{
		"no owner named":      {nobody, "ExpectedBucketOwner is"},
		"another status":      {to(parameters{"Status": text("Off")}), "VersioningConfiguration is"},
		"deleting by MFA too": {to(parameters{"Status": text("Enabled"), "MFADelete": text("Disabled")}), "VersioningConfiguration is"},
		"more than that":      {other, "ChecksumAlgorithm"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := applytest.New(t)
			with("")(b)
			err := b.Applier.Call(t.Context(), &fix.Call{Operation: put, Account: applytest.Account, Region: applytest.Region, Parameters: test.parameters})
			if err == nil || !strings.Contains(err.Error(), test.want) || len(b.Writes()) != 0 {
				t.Errorf("not refused for %q: %v, %v", test.want, err, b.Writes())
			}
		})
	}
}
