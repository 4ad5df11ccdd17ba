package prevent_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/holdfast-aws/holdfast/internal/prevent"
	"github.com/holdfast-aws/holdfast/services"
)

func policies(t *testing.T) []prevent.Policy {
	t.Helper()
	loaded, err := prevent.Load(services.Prevention())
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// A service control policy that allows nothing by accident, names its
// statements, and whose conditions use only keys that AWS has.
func TestEveryServiceControlPolicyIsOne(t *testing.T) {
	t.Parallel()
	keys := []string{"ec2:Add/group", "rds:DatabaseEngine", "rds:StorageEncrypted"}
	action := regexp.MustCompile(`^[a-z0-9]+:[A-Z][A-Za-z]+$`)
	sids := make(map[string]bool)
	count := 0
	for _, p := range policies(t) {
		if p.As != prevent.SCP {
			continue
		}
		count++
		var b bytes.Buffer
		if err := prevent.Write(&b, []prevent.Policy{p}); err != nil {
			t.Fatal(err)
		}
		var document struct {
			Version   string
			Statement []struct {
				Sid, Effect string
				Action      any
				Resource    string
				Condition   map[string]map[string]string
			}
		}
		decoder := json.NewDecoder(&b)
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&document); err != nil {
			t.Fatalf("%s: %v", p.ID, err)
		}
		for _, s := range document.Statement {
			if s.Effect != "Deny" || document.Version != "2012-10-17" || s.Resource == "" || sids[s.Sid] || !regexp.MustCompile(`^[A-Za-z0-9]+$`).MatchString(s.Sid) {
				t.Errorf("%s: %+v", p.ID, s)
			}
			sids[s.Sid] = true
			for _, name := range strings.Fields(strings.Trim(fmt.Sprint(s.Action), "[]")) {
				if !action.MatchString(name) {
					t.Errorf("%s: action %q", p.ID, name)
				}
			}
			for _, condition := range s.Condition {
				for key := range condition {
					if !slices.Contains(keys, key) {
						t.Errorf("%s: is there a condition key %s?", p.ID, key)
					}
				}
			}
		}
	}
	if count < 4 {
		t.Errorf("only %d policies", count)
	}
}

func TestTheSnapshotBlockIsADeclarativePolicy(t *testing.T) {
	t.Parallel()
	chosen, without := prevent.Select(policies(t), prevent.Declarative, []string{"EC2.182", "Neptune.5"})
	if len(chosen) != 1 || !slices.Equal(without, []string{"Neptune.5"}) {
		t.Fatalf("%d policies, without one: %v", len(chosen), without)
	}
	var b bytes.Buffer
	if err := prevent.Write(&b, chosen); err != nil {
		t.Fatal(err)
	}
	var document struct {
		Attributes struct {
			Block struct {
				State struct {
					Assign string `json:"@@assign"`
				} `json:"state"`
			} `json:"snapshot_block_public_access"`
		} `json:"ec2_attributes"`
	}
	if err := json.Unmarshal(b.Bytes(), &document); err != nil || document.Attributes.Block.State.Assign != "block_all_sharing" {
		t.Errorf("%v: %s", err, &b)
	}
}

func TestSeveralPoliciesBecomeOneDocument(t *testing.T) {
	t.Parallel()
	all := policies(t)
	chosen, _ := prevent.Select(all, prevent.SCP, prevent.Controls(all, prevent.SCP))
	for range 2 { // writing changes nothing of what was loaded
		var b bytes.Buffer
		if err := prevent.Write(&b, chosen); err != nil {
			t.Fatal(err)
		}
		var document struct{ Statement []any }
		if err := json.Unmarshal(b.Bytes(), &document); err != nil || len(document.Statement) != len(chosen) {
			t.Errorf("%d statements of %d policies: %v", len(document.Statement), len(chosen), err)
		}
	}
}

func TestMoreThanAWSAcceptsIsRefused(t *testing.T) {
	t.Parallel()
	long := prevent.Policy{ID: "long", As: prevent.SCP, Document: map[string]any{"Statement": []any{strings.Repeat("x", 6000)}}}
	err := prevent.Write(new(bytes.Buffer), []prevent.Policy{long})
	var size *prevent.SizeError
	if !errors.As(err, &size) || size.Limit != 5120 || size.Hint() == "" {
		t.Errorf("got %v", err)
	}
}

func TestPoliciesThatContradictEachOtherAreRefused(t *testing.T) {
	t.Parallel()
	one := prevent.Policy{ID: "one", As: prevent.Declarative, Document: map[string]any{"a": map[string]any{"b": "x"}}}
	other := prevent.Policy{ID: "other", As: prevent.Declarative, Document: map[string]any{"a": map[string]any{"b": "y"}}}
	if err := prevent.Write(new(bytes.Buffer), []prevent.Policy{one, other}); err == nil || !strings.Contains(err.Error(), "policy other: b is y, and was x") {
		t.Errorf("got %v", err)
	}
}

func TestFaultyFilesAreNamed(t *testing.T) {
	t.Parallel()
	sound := "id: one\nas: scp\ncontrols: [A.1]\ndoes: d\nlacks: l\npolicy: {Version: x}\n"
	for name, text := range map[string]string{
		"another name":  strings.Replace(sound, "id: one", "id: two", 1),
		"unknown kind":  strings.Replace(sound, "as: scp", "as: rcp", 1),
		"no limits":     strings.Replace(sound, "lacks: l\n", "", 1),
		"unknown field": sound + "more: x\n",
		"no YAML":       "{",
	} {
		if _, err := prevent.Load(fstest.MapFS{"a/prevent/one.yaml": {Data: []byte(text)}}); err == nil || !strings.HasPrefix(err.Error(), "a/prevent/one.yaml: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if found, err := prevent.Load(fstest.MapFS{"a/prevent/one.yaml": {Data: []byte(sound)}}); err != nil || len(found) != 1 {
		t.Errorf("the sound one: %v", err)
	}
}
