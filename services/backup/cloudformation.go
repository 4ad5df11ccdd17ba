package backup

import (
	"cmp"

	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
)

const templateSelection = "AWS::Backup::BackupSelection"

// CloudFormationJoiner tells which backup plans of the same stack take a
// resource.
func CloudFormationJoiner(of Named) cloudformation.Joiner { return templateJoiner{of} }

type templateJoiner struct{ Named }

func (j templateJoiner) Owners() []string { return []string{j.Type} }

func (templateJoiner) Satellites() []string { return []string{templateSelection} }

func (j templateJoiner) Join(r *resource.Resource, own *cloudformation.Object, others *cloudformation.Objects) {
	var name string
	if j.Name != "" {
		name, _ = own.Property(j.Name).Text()
	}
	arn := j.arn(r.Region, r.Account, name)
	all := others.Of(templateSelection)
	list := make([]written, 0, len(all))
	for _, o := range all {
		list = append(list, fromTemplate(o, own, arn))
	}
	tags := "Tags"
	if j.Type == "AWS::EFS::FileSystem" {
		tags = "FileSystemTags"
	}
	value, first := plansInCode(list, arn, j.Service, func() (map[string]string, *resource.Missing) {
		return tagsInCode(cloudformation.Convert(own.Property(tags), "map(string)"))
	})
	r.Properties[PlansProperty], r.Properties[LastProperty] = value, lastInCode()
	if first >= 0 {
		cloudformation.SetFrom(r, PlansProperty, value, all[first], "BackupSelection")
	}
}

// fromTemplate reads a selection. One that refers to the resource names its
// ARN.
func fromTemplate(o, own *cloudformation.Object, arn string) written {
	w := written{plan: cmp.Or(o.Property("BackupPlanId").Resource, o.Address), open: o.Uncertain}
	body := o.Property("BackupSelection")
	if why := body.Missing(); why != nil {
		w.open, w.resources = cmp.Or(w.open, why), []string{hidden}
		return w
	}
	w.names(body.Field("Resources"), own, arn, &w.resources)
	w.names(body.Field("NotResources"), own, arn, &w.except)
	w.open = cmp.Or(w.open, body.Field("ListOfTags").Missing(), body.Field("Conditions").Missing())
	for _, tag := range body.Field("ListOfTags").Items() {
		w.parameter(tag, condition{}, &w.anyTag)
	}
	for kind, c := range map[string]condition{
		"StringEquals": {}, "StringLike": {like: true}, "StringNotEquals": {not: true}, "StringNotLike": {like: true, not: true},
	} {
		asked := body.Field("Conditions").Field(kind)
		w.open = cmp.Or(w.open, asked.Missing())
		for _, one := range asked.Items() {
			w.parameter(one, c, &w.conditions)
		}
	}
	w.doubt()
	return w
}

// names adds ARNs and patterns. One that is not known names nothing here.
func (w *written) names(v cloudformation.Value, own *cloudformation.Object, arn string, into *[]string) {
	if v.Kind() == resource.Unknown {
		*into = append(*into, hidden)
	}
	for _, item := range v.Items() {
		text, known := item.Text()
		switch {
		case item.Resource == own.Address:
			*into = append(*into, arn)
		case known:
			*into = append(*into, text)
		case item.Resource != "":
			*into = append(*into, others)
		default:
			*into = append(*into, hidden)
		}
	}
}

func (w *written) parameter(v cloudformation.Value, c condition, into *[]condition) {
	key, knownKey := v.Field("ConditionKey").Text()
	value, knownValue := v.Field("ConditionValue").Text()
	if !knownKey || !knownValue {
		w.open = cmp.Or(w.open, v.Missing(), v.Field("ConditionKey").Missing(), v.Field("ConditionValue").Missing(), &resource.Missing{
			Reason: resource.ReasonUnresolved, Detail: w.plan + " selects by a tag that is not known", Settle: "a scan of the live account",
		})
	}
	c.key, c.value = tagKey(&key), value
	*into = append(*into, c)
}
