package planfile

import (
	"fmt"
	"regexp"
)

// Kind tells the documents apart.
type Kind string

// The kinds of documents that are read.
const (
	Plan     Kind = "plan"      // terraform show -json PLAN
	State    Kind = "state"     // terraform show -json
	RawState Kind = "raw state" // terraform.tfstate
)

// header is what a document says about itself.
type header struct {
	kind      Kind
	keys      map[string]bool
	format    string // format_version
	version   string // version of a raw state, as it stands there
	terraform string // terraform_version
	errored   bool
	// partial tells a plan that leaves out part of the configuration, because
	// of -target or because changes were put off.
	partial bool
}

// reader goes through one document. What it does with the parts is up to the
// caller: a part without a visitor is skipped.
type reader struct {
	*walker
	// kind limits the reading to the parts that this kind has; "" reads all.
	kind Kind
	// wants are the attributes to keep, by type; nil keeps none.
	wants *wanted
	// instance is called for each resource instance.
	instance func(*instance) error
	// prior is called for each instance that a plan found before it changed any.
	prior func(*instance) error
	// config is called for the configuration of a plan.
	config func() error
	// variables is called for the variables of a plan.
	variables func() error
}

// wanted says which attributes are worth keeping.
type wanted struct {
	byType map[string]map[string]bool
	// any holds the attributes of all types, for a document that names the type
	// behind the attributes.
	any map[string]bool
}

// of returns the attributes to keep of a type; ok is false when there are none
// and nobody looks at the type.
func (w *wanted) of(typ string) (names map[string]bool, ok bool) {
	if w == nil {
		return nil, false
	}
	if typ == "" {
		return w.any, true
	}
	names, ok = w.byType[typ]
	return names, ok
}

// document reads the document from its start to its end.
func (r *reader) document() (*header, error) {
	head := &header{keys: make(map[string]bool)}
	switch c, err := r.peek(); {
	case err == nil && isPlanArchive(r.buf):
		return nil, &refusal{"", "this is the plan as `terraform plan -out` writes it, which only Terraform can read",
			"terraform show -json {file} > {file}.json"}
	case err != nil || c != '{':
		return nil, r.fault(notJSON(c, err))
	}
	err := r.object(func(key string) error {
		head.keys[key] = true
		return r.part(head, key)
	})
	if err != nil {
		return nil, r.fault(err)
	}
	// What the document says of itself tells more than what follows it, as in a
	// log of one document per line.
	if head.kind, err = head.kindOf(); err == nil {
		err = r.end()
	}
	if err != nil {
		return nil, r.fault(err)
	}
	return head, nil
}

func notJSON(first byte, err error) error {
	switch {
	case err == errCut:
		return fmt.Errorf("the file is empty")
	case err != nil:
		return err
	default:
		return fmt.Errorf("this is no JSON document: it begins with %s", show(first))
	}
}

func (r *reader) part(head *header, key string) (err error) {
	switch {
	case key == "format_version":
		head.format, err = r.text()
	case key == "version":
		head.version, err = r.scalar()
	case key == "terraform_version":
		head.terraform, err = r.scalar()
	case key == "errored":
		head.errored, err = r.flag()
	case key == "complete":
		var complete bool
		complete, err = r.flag()
		head.partial = !complete
	case key == "resource_changes" && r.has(Plan) && r.instance != nil:
		return r.array(func() error { return r.change(r.instance) })
	case key == "deferred_changes" && r.has(Plan) && r.instance != nil:
		return r.array(r.deferred)
	case key == "configuration" && r.has(Plan) && r.config != nil:
		return r.config()
	case key == "variables" && r.has(Plan) && r.variables != nil:
		return r.variables()
	case key == "prior_state" && r.has(Plan) && r.prior != nil:
		return r.priorState()
	case key == "values" && r.has(State) && r.instance != nil:
		return r.stateValues(r.instance)
	case key == "resources" && r.has(RawState) && r.instance != nil:
		return r.array(r.rawResource)
	default:
		return r.skip()
	}
	return err
}

func (r *reader) has(kind Kind) bool { return r.kind == "" || r.kind == kind }

// scalar reads a text or a number as it stands there.
func (r *reader) scalar() (string, error) {
	value, err := r.value()
	if err != nil || value == nil {
		return "", err
	}
	return fmt.Sprint(value), nil
}

// kindOf tells what a document is from what it says about itself.
func (h *header) kindOf() (Kind, error) {
	switch {
	case h.keys["encrypted_data"] || h.keys["encryption_version"]:
		return "", &refusal{"encrypted_data", "OpenTofu has encrypted this file", "tofu show -json > state.json, with its encryption configured"}
	case h.keys["@level"]:
		return "", &refusal{"@level", "this is the log that `terraform plan -json` prints, and not a plan",
			"terraform plan -out=tfplan && terraform show -json tfplan > plan.json"}
	case h.hasAny("resource_changes", "planned_values", "configuration", "prior_state", "output_changes"):
		return Plan, h.formatVersion("plan")
	case h.keys["values"] || h.keys["format_version"] && !h.keys["version"]:
		return State, h.formatVersion("state")
	case h.keys["version"] && h.hasAny("terraform_version", "serial", "lineage"):
		return RawState, h.stateVersion()
	default:
		return "", &refusal{"", "this is neither a plan nor a state of Terraform",
			"terraform plan -out=tfplan && terraform show -json tfplan > plan.json"}
	}
}

func (h *header) hasAny(keys ...string) bool {
	for _, key := range keys {
		if h.keys[key] {
			return true
		}
	}
	return false
}

// formats are the versions of Terraform's JSON output that are read. All of
// 1.x only add to 1.0, as Terraform promises, and 0.1 and 0.2 have what is read
// here in the same places.
var formats = regexp.MustCompile(`^(0\.[12]|1\.\d+)$`)

func (h *header) formatVersion(what string) error {
	if h.format == "" {
		return &refusal{"format_version", "is missing", "terraform show -json > " + what + ".json"}
	}
	if !formats.MatchString(h.format) {
		return &refusal{"format_version", fmt.Sprintf("%q cannot be read, only 1.x", h.format),
			"the newest holdfast, or a " + what + " printed by Terraform 1.x"}
	}
	return nil
}

func (h *header) stateVersion() error {
	if h.version != "4" {
		return &refusal{"version", h.version + " cannot be read, only 4", "terraform state pull > terraform.tfstate, with Terraform 0.12 or newer"}
	}
	return nil
}
