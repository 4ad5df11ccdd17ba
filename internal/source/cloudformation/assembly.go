package cloudformation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// manifestName is the file that makes a directory a cloud assembly.
const manifestName = "manifest.json"

// maxAssemblies bounds how deep assemblies are nested: one per CDK stage.
const maxAssemblies = 8

// manifest is what the CDK writes of a cloud assembly, as far as it matters.
type manifest struct {
	Version   string              `json:"version"`
	Artifacts map[string]artifact `json:"artifacts"`
}

type artifact struct {
	Type        string `json:"type"`
	Environment string `json:"environment"` // aws://account/region
	Properties  struct {
		TemplateFile  string            `json:"templateFile"`
		StackName     string            `json:"stackName"`
		Parameters    map[string]any    `json:"parameters"`
		Tags          map[string]string `json:"tags"`
		DirectoryName string            `json:"directoryName"`
	} `json:"properties"`
}

// isAssembly reports whether a directory is a cloud assembly.
func isAssembly(dir string) bool {
	head, err := readHead(filepath.Join(dir, manifestName))
	if err != nil {
		return false
	}
	return bytes.Contains(head, []byte(`"aws:cloudformation:stack"`)) || bytes.Contains(head, []byte(`"cdk:cloud-assembly"`)) ||
		bytes.Contains(head, []byte(`"artifacts"`)) && bytes.Contains(head, []byte(`"cdk:tree"`))
}

// readAssembly lists the stacks of an assembly and of those nested in it, in
// the order of their names.
func (d disk) readAssembly(dir string, depth int) ([]root, error) {
	if depth > maxAssemblies {
		return nil, errors.New("cloud assemblies are nested too deep")
	}
	file := filepath.Join(dir, manifestName)
	data, err := d.read(file)
	if err != nil {
		return nil, err
	}
	var m manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, manifestFault(file, data, err)
	}
	var roots []root
	var faults []error
	for _, name := range sortedKeys(m.Artifacts) {
		one := m.Artifacts[name]
		switch one.Type {
		case "aws:cloudformation:stack":
			made, err := stackOf(dir, name, one)
			roots, faults = append(roots, made...), append(faults, err)
		case "cdk:cloud-assembly":
			if !filepath.IsLocal(one.Properties.DirectoryName) {
				faults = append(faults, fmt.Errorf("artifact %s: its directory %q lies outside", name, one.Properties.DirectoryName))
				continue
			}
			nested, err := d.readAssembly(filepath.Join(dir, one.Properties.DirectoryName), depth+1)
			roots, faults = append(roots, nested...), append(faults, err)
		}
	}
	return roots, errors.Join(faults...)
}

// manifestFault says in which line JSON is broken.
func manifestFault(file string, data []byte, err error) error {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return &SyntaxError{File: file, Line: 1, Cause: err.Error()}
	}
	return &SyntaxError{File: file, Line: 1 + bytes.Count(data[:syntax.Offset], []byte("\n")), Cause: err.Error()}
}

func stackOf(dir, name string, a artifact) ([]root, error) {
	if !filepath.IsLocal(a.Properties.TemplateFile) {
		return nil, fmt.Errorf("stack %s: its template %q lies outside the assembly", name, a.Properties.TemplateFile)
	}
	one := root{
		file:       filepath.Join(dir, a.Properties.TemplateFile),
		parameters: make(map[string]string, len(a.Properties.Parameters)),
		pseudo:     environment(a.Environment),
		tags:       a.Properties.Tags,
	}
	if _, err := os.Stat(one.file); err != nil {
		return nil, fmt.Errorf("stack %s: %w", name, err)
	}
	for key, value := range a.Properties.Parameters {
		one.parameters[key] = fmt.Sprint(value)
	}
	one.pseudo["AWS::StackName"] = name
	if a.Properties.StackName != "" {
		one.pseudo["AWS::StackName"] = a.Properties.StackName
	}
	return []root{one}, nil
}

// environment reads aws://account/region. What the CDK does not know it calls
// unknown-account and unknown-region.
func environment(text string) map[string]string {
	pseudo := make(map[string]string)
	account, region, ok := strings.Cut(strings.TrimPrefix(text, "aws://"), "/")
	if !ok {
		return pseudo
	}
	if account != "" && !strings.HasPrefix(account, "unknown-") {
		pseudo["AWS::AccountId"] = account
	}
	if region != "" && !strings.HasPrefix(region, "unknown-") {
		pseudo["AWS::Region"] = region
	}
	return pseudo
}

// InAssembly reports whether a file lies in a cloud assembly, where the CDK
// writes it anew.
func InAssembly(file string) bool { return isAssembly(filepath.Dir(file)) }
