package rdsplane

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// omitted is the value of a field that AWS always sends and did not send.
var omitted = resource.OfUnknown(resource.Missing{
	Reason: resource.ReasonOmitted, Detail: "the service answered without this field",
})

func number(n *int32) resource.Value {
	if n == nil {
		return omitted
	}
	return resource.OfInt(int64(*n))
}

func flag(b *bool) resource.Value {
	if b == nil {
		return omitted
	}
	return resource.OfBool(*b)
}

// text, moment, count and maybe are for fields that may well be absent.
func text(s *string) resource.Value { return word(aws.ToString(s)) }

func word(s string) resource.Value {
	if s == "" {
		return resource.Value{}
	}
	return resource.OfString(s)
}

func moment(t *time.Time) resource.Value {
	if t == nil {
		return resource.Value{}
	}
	return resource.OfTime(*t)
}

func count(n *int64) resource.Value {
	if n == nil {
		return resource.Value{}
	}
	return resource.OfInt(*n)
}

func maybe(n *int32) resource.Value {
	if n == nil {
		return resource.Value{}
	}
	return resource.OfInt(int64(*n))
}

func maybeFlag(b *bool) resource.Value {
	if b == nil {
		return resource.Value{}
	}
	return resource.OfBool(*b)
}

func tags(list []types.Tag) resource.Value {
	fields := make(map[string]resource.Value, len(list))
	for _, tag := range list {
		fields[aws.ToString(tag.Key)] = resource.OfString(aws.ToString(tag.Value))
	}
	return resource.OfMap(fields)
}

// unread is the value of a property that a gap left unread.
func unread(gap finding.Gap) resource.Value {
	reason := resource.ReasonFailed
	if gap.Reason == finding.GapDenied || gap.Reason == finding.GapPolicy {
		reason = resource.ReasonDenied
	}
	return resource.OfUnknown(resource.Missing{
		Reason: reason, Detail: gap.Detail, Operation: gap.Operation, Permission: gap.Permission,
	})
}
