package planfile

import (
	"bytes"
	"context"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
	"github.com/holdfast-aws/holdfast/services"
)

// nowhere takes what is read and looks at the promises that every resource
// keeps.
type nowhere struct{ t *testing.T }

func (n nowhere) Resources(page []*resource.Resource) error {
	for _, r := range page {
		if r.ID == "" || r.Type == "" || r.Origin.File == "" || r.Origin.Line < 1 || r.Origin.EndLine < r.Origin.Line {
			n.t.Errorf("resource %+v", r)
		}
		if _, err := r.Properties["x"].MarshalJSON(); err != nil {
			n.t.Error(err)
		}
	}
	return nil
}
func (n nowhere) Gap(finding.Gap) error { return nil }

// FuzzDocument reads any bytes as a plan or a state, whichever they claim to be.
func FuzzDocument(f *testing.F) {
	for _, text := range []string{
		`{"format_version":"1.2","resource_changes":[{"address":"module.a[\"x\"].aws_neptune_cluster.b[0]","mode":"managed","type":"aws_neptune_cluster","change":{"actions":["create"],"after":{"kms_key_arn":"k"},"after_unknown":{"backup_retention_period":true},"after_sensitive":{"tags_all":[true]}}}]}`,
		`{"format_version":"1.2","planned_values":{},"configuration":{"root_module":{"module_calls":{"a":{"expressions":{"x":{"references":["module.a.y"]}},"module":{"outputs":{"y":{"expression":{"references":["var.x"]}}}}}}}}}`,
		`{"version":4,"serial":1,"terraform_version":"1","resources":[{"mode":"managed","type":"aws_neptune_cluster","name":"x","instances":[{"index_key":"k","attributes":{},"sensitive_attributes":[[{"value":"a"},{"value":{"value":"b"}}]]}]}]}`,
		"PK\x03\x04", "\xff\xfe{\x00}\x00", "\xff\xfe0", `{"format_version":"1.0"}`,
	} {
		f.Add([]byte(text))
	}
	catalogue, err := control.Load(services.Controls())
	if err != nil {
		f.Fatal(err)
	}
	mapping := terraform.NewMapping(catalogue.Types, services.TerraformJoiners())
	wants := make(resource.Wants)
	for _, t := range catalogue.Types {
		wants[t.Name] = t.PropertyNames()
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := &reading{ctx: context.Background(), name: "given", in: bytes.NewReader(data), sink: nowhere{t}}
		err := r.all(mapping, wants)
		if r.sinkErr != nil {
			t.Errorf("the sink never fails: %v", r.sinkErr)
		}
		if err != nil && gapOf("given", err).Detail == "" {
			t.Errorf("an error without a cause: %v", err)
		}
		found, err := identitiesIn(context.Background(), "given", bytes.NewReader(data), mapping)
		for _, one := range found {
			if one.Address == "" || one.Type == "" || one.Line < 1 {
				t.Errorf("identity %+v", one)
			}
		}
		if err != nil && err.Error() == "" {
			t.Error("an error without a cause")
		}
		if _, err := detect(bytes.NewReader(data)); err != nil {
			t.Errorf("detect: %v", err)
		}
	})
}
