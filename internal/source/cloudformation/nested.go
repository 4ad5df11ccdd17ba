package cloudformation

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"gopkg.in/yaml.v3"
)

const (
	nestedType      = "AWS::CloudFormation::Stack"
	stackSetType    = "AWS::CloudFormation::StackSet"
	applicationType = "AWS::Serverless::Application"
	// maxNesting bounds how deep stacks are nested.
	maxNesting = 16
	// stackWork is what a nested stack costs, so that templates which nest one
	// another widely come to an end.
	stackWork = 500
)

// nests reports whether resources of a type stand for the resources of another
// template.
func nests(typ string) bool {
	return typ == nestedType || typ == stackSetType || typ == applicationType
}

// location is the property that names the template of a nested stack.
func location(typ string) string {
	if typ == applicationType {
		return "Location"
	}
	return "TemplateURL"
}

// child returns the stack of a nested one; nil when its template cannot be
// read, which is reported once.
func (s *stack) child(one entry) *stack {
	if child, ok := s.children[one.id]; ok {
		return child
	}
	s.children[one.id] = nil // whoever asks again from within goes in a circle
	o := s.object(one)
	if o == nil {
		return nil
	}
	child, err := s.openChild(o)
	if err != nil {
		s.run.report(*err)
	}
	s.children[one.id] = child
	return child
}

func (s *stack) openChild(o *Object) (*stack, *finding.Gap) {
	gap := &finding.Gap{File: s.file, Resource: o.Address, Reason: finding.GapFailed}
	file, elsewhere := s.templateFile(o)
	switch {
	case file == "":
		gap.Detail = fmt.Sprintf("line %d: the template of the nested stack is not on disk: %s", o.Origin.Line, elsewhere)
		gap.Try = "name a template on disk in " + location(o.Type)
		return nil, gap
	case s.depth() >= maxNesting || s.above(file) || !s.run.spend(stackWork):
		gap.Reason = finding.GapMalformed
		gap.Detail = fmt.Sprintf("line %d: the nested stack leads back to itself, or too deep", o.Origin.Line)
		return nil, gap
	}
	t, err := s.run.load(file)
	if err != nil {
		trouble := gapOf(file, err)
		if trouble.Reason != finding.GapMalformed { // there may be no such file
			trouble.File, trouble.Resource = s.file, o.Address
			trouble.Detail = fmt.Sprintf("line %d: the template of the nested stack: %s", o.Origin.Line, trouble.Detail)
		}
		return nil, &trouble
	}
	child := newStack(t, s.run, o.Address+"/", s.argumentsOf(o), s.inherited())
	child.parent, child.uncertain, child.tags = s, o.Uncertain, s.tags
	child.remarks = s.remarksOn(o.entry)
	return child, nil
}

// inherited are the pseudo parameters that nested stacks share.
func (s *stack) inherited() map[string]string {
	pseudo := make(map[string]string)
	for name, text := range s.pseudo {
		if name != "AWS::StackName" && name != "AWS::StackId" {
			pseudo[name] = text
		}
	}
	return pseudo
}

// top is the root template's stack.
func (s *stack) top() *stack {
	for s.parent != nil {
		s = s.parent
	}
	return s
}

func (s *stack) depth() int {
	depth := 0
	for ; s.parent != nil; s = s.parent {
		depth++
	}
	return depth
}

// above reports whether a file is the template of the stack or of one around
// it.
func (s *stack) above(file string) bool {
	for ; s != nil; s = s.parent {
		if filepath.Clean(s.file) == filepath.Clean(file) {
			return true
		}
	}
	return false
}

// argumentsOf evaluates what is handed down to a nested stack, as a map.
func (s *stack) argumentsOf(o *Object) Value {
	given := o.Property("Parameters")
	if given.kind != resource.List {
		return given
	}
	args := make(map[string]Value) // a StackSet has a list
	for _, item := range given.items {
		if name, ok := item.Field("ParameterKey").Text(); ok {
			args[name] = item.Field("ParameterValue")
		}
	}
	return ofMap(args, nil, given.Origin)
}

var contentHash = regexp.MustCompile(`[0-9a-f]{64}\.(?:json|ya?ml|template)`)

// templateFile finds the file of a nested stack's template. Without one it
// returns "" and where the template is instead.
func (s *stack) templateFile(o *Object) (file, elsewhere string) {
	if asset := textOf(field(o.entry.body, "Metadata"), "aws:asset:path"); asset != "" {
		return filepath.Join(filepath.Dir(s.file), asset), ""
	}
	url := o.Property(location(o.Type))
	text, known := url.Text()
	if known && !strings.Contains(text, "://") && text != "" {
		if filepath.IsAbs(text) {
			return filepath.Clean(text), ""
		}
		return filepath.Join(filepath.Dir(s.file), filepath.FromSlash(text)), ""
	}
	written := literals(field(o.properties, location(o.Type)))
	if hash := contentHash.FindString(written); hash != "" {
		if file := s.run.disk.assetFile(filepath.Dir(s.file), hash); file != "" {
			return file, ""
		}
	}
	if !known {
		text = written
	}
	return "", text
}

// literals joins the texts in an expression, to name what it would come to.
func literals(n *yaml.Node) string {
	if n = target(n); n == nil {
		return ""
	}
	if n.Kind == yaml.ScalarNode {
		return n.Value
	}
	between := " " // fields of a map stand apart
	if n.Kind == yaml.SequenceNode {
		between = ""
	}
	var all []string
	for i, item := range n.Content {
		if n.Kind == yaml.SequenceNode || i%2 == 1 {
			if text := literals(item); text != "" {
				all = append(all, text)
			}
		}
	}
	return strings.Join(all, between)
}

// assetFile finds the file behind a hash in the asset manifests that the CDK
// writes beside its templates.
func (d disk) assetFile(dir, name string) string {
	hash, _, _ := strings.Cut(name, ".")
	manifests, err := filepath.Glob(filepath.Join(dir, "*.assets.json"))
	if err != nil {
		return ""
	}
	for _, manifest := range manifests {
		data, err := d.read(manifest)
		if err != nil {
			continue // another manifest may know the hash
		}
		var assets struct {
			Files map[string]struct {
				Source struct {
					Path string `json:"path"`
				} `json:"source"`
			} `json:"files"`
		}
		if json.Unmarshal(data, &assets) != nil || assets.Files[hash].Source.Path == "" {
			continue
		}
		file := filepath.Join(dir, assets.Files[hash].Source.Path)
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			return file
		}
	}
	return ""
}
