package backup

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// verdict is whether a selection takes a resource.
type verdict int

const (
	no verdict = iota
	unsure
	yes
)

// selection decides which resources a plan takes: those that one of the patterns
// names or that have one of the tags, none of the exceptions, and of these the
// ones that meet every condition. Without patterns and tags it begins with
// everything.
type selection struct {
	resources, except []string
	anyTag            []condition
	conditions        []condition
}

// condition is one question about a tag.
type condition struct {
	key, value string
	like, not  bool
}

func selectionOf(s *types.BackupSelection) *selection {
	out := &selection{resources: s.Resources, except: s.NotResources}
	for _, one := range s.ListOfTags {
		out.anyTag = append(out.anyTag, condition{key: tagKey(one.ConditionKey), value: aws.ToString(one.ConditionValue)})
	}
	if s.Conditions == nil {
		return out
	}
	for _, kind := range []struct {
		list      []types.ConditionParameter
		like, not bool
	}{
		{s.Conditions.StringEquals, false, false}, {s.Conditions.StringLike, true, false},
		{s.Conditions.StringNotEquals, false, true}, {s.Conditions.StringNotLike, true, true},
	} {
		for _, one := range kind.list {
			out.conditions = append(out.conditions, condition{
				key: tagKey(one.ConditionKey), value: aws.ToString(one.ConditionValue), like: kind.like, not: kind.not,
			})
		}
	}
	return out
}

// tagKey is the tag that a condition key names: aws:ResourceTag/backup, or
// plainly backup.
func tagKey(key *string) string { return strings.TrimPrefix(aws.ToString(key), "aws:ResourceTag/") }

// takes decides about one resource. Tags are asked for only when they matter.
func (s *selection) takes(arn, service string, tags func() (map[string]string, *resource.Missing), p *plans) (verdict, *resource.Missing) {
	if s.excepts(arn) {
		return no, nil
	}
	taken, open := no, (*resource.Missing)(nil)
	if named, byKind := s.names(arn); named {
		taken, open = p.optedIn(service, byKind)
	}
	if taken != yes && len(s.anyTag) > 0 {
		if byTag, why := s.takesByTag(service, tags, p); byTag > taken {
			taken, open = byTag, why
		}
	}
	if taken == no || len(s.conditions) == 0 {
		return taken, open
	}
	held, unread := tags()
	switch {
	case unread != nil:
		return unsure, unread
	case !s.meets(held):
		return no, nil
	default:
		return taken, open
	}
}

func (s *selection) excepts(arn string) bool {
	return slices.ContainsFunc(s.except, func(pattern string) bool { return matchARN(pattern, arn) })
}

// names tells whether the patterns name a resource, and whether one names its
// kind rather than everything or the whole service.
func (s *selection) names(arn string) (named, byKind bool) {
	if len(s.resources)+len(s.anyTag) == 0 {
		return true, false
	}
	for _, pattern := range s.resources {
		if matchARN(pattern, arn) {
			named, byKind = true, byKind || namesKind(pattern)
		}
	}
	return named, byKind
}

// namesKind tells whether a pattern goes beyond the service: arn:aws:ec2:* does
// not, arn:aws:ec2:*:*:volume/* does.
func namesKind(pattern string) bool {
	parts := strings.SplitN(pattern, ":", 6)
	return len(parts) == 6 && parts[5] != "" && parts[5][0] != '*'
}

// takesByTag decides by the tags of which one is enough.
func (s *selection) takesByTag(service string, tags func() (map[string]string, *resource.Missing), p *plans) (verdict, *resource.Missing) {
	if gate, open := p.optedIn(service, false); gate != yes {
		return gate, open
	}
	held, unread := tags()
	switch {
	case unread != nil:
		return unsure, unread
	case slices.ContainsFunc(s.anyTag, func(c condition) bool { return c.holds(held) }):
		return yes, nil
	default:
		return no, nil
	}
}

// meets tells whether tags meet every condition.
func (s *selection) meets(tags map[string]string) bool {
	return !slices.ContainsFunc(s.conditions, func(c condition) bool { return !c.holds(tags) })
}

func (c condition) holds(tags map[string]string) bool {
	value, has := tags[c.key]
	equal := has && (value == c.value || c.like && matchARN(c.value, value))
	return equal != c.not
}

// optedIn is AWS Backup's gate: a region is asked per kind of resource. Naming
// the kind goes past it, except for Aurora, Neptune and DocumentDB.
func (p *plans) optedIn(service string, byKind bool) (verdict, *resource.Missing) {
	clusters := service == "Aurora" || service == "Neptune" || service == "DocumentDB"
	if byKind && !clusters {
		return yes, nil
	}
	if p.optInOpen != nil {
		return unsure, p.optInOpen
	}
	on, told := p.optIn[service]
	switch {
	case !told:
		return unsure, &resource.Missing{
			Reason: resource.ReasonOmitted, Operation: regionSettings,
			Detail: "AWS Backup does not say whether it is turned on for " + service,
		}
	case on:
		return yes, nil
	default:
		return no, nil
	}
}

// matchARN matches a text against a pattern in which * stands for any run of
// characters.
func matchARN(pattern, text string) bool {
	first, rest, open := strings.Cut(pattern, "*")
	if !open {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, first)
	if !ok {
		return false
	}
	for {
		part, more, again := strings.Cut(rest, "*")
		if !again {
			return strings.HasSuffix(text, part)
		}
		at := strings.Index(text, part)
		if at < 0 {
			return false
		}
		text, rest = text[at+len(part):], more
	}
}
