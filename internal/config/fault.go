package config

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// shownFaults is how many faults of a file are told: what an alias repeats a
// thousand times helps nobody.
const shownFaults = 20

var (
	yamlPlace   = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)$`)
	yamlUnknown = regexp.MustCompile(`^field (.+) not found in type config\.\w+$`)
	yamlKind    = regexp.MustCompile("^cannot unmarshal (!!\\w+)(?: `(.*)`)? into (.+)$")
)

// explain turns the YAML library's faults, which speak of Go types, into faults
// with file, line and setting.
func explain(file string, data []byte, err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: the file is empty; its first line is: version: 1", file)
	}
	var many *yaml.TypeError
	texts := []string{err.Error()}
	if errors.As(err, &many) {
		texts = many.Errors
	}
	var root yaml.Node
	_ = yaml.Unmarshal(data, &root) // names settings as far as it goes
	var faults []error
	for i, text := range texts {
		if i == shownFaults {
			faults = append(faults, fmt.Errorf("%s: and %d more", file, len(texts)-i))
			break
		}
		faults = append(faults, fault(file, &root, text))
	}
	return errors.Join(faults...)
}

func fault(file string, root *yaml.Node, text string) error {
	place, line := file, 0
	if m := yamlPlace.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		place, text = file+":"+m[1], m[2]
	}
	if m := yamlUnknown.FindStringSubmatch(text); m != nil {
		return fmt.Errorf("%s: %s: there is no such setting", place, m[1])
	}
	if m := yamlKind.FindStringSubmatch(text); m != nil {
		if setting := settingAt(root, "", line, m[1]); setting != "" {
			place += ": " + setting
		}
		text = kind(m[1], m[2], m[3])
	}
	return fmt.Errorf("%s: %s", place, strings.TrimPrefix(text, "yaml: "))
}

// kind tells that a value is of another kind than its setting.
func kind(tag, value, goType string) string {
	found := map[string]string{"!!map": "a map", "!!seq": "a list", "!!null": "nothing"}[tag]
	if found == "" {
		found = strconv.Quote(value)
	}
	want := "a map"
	switch {
	case strings.HasPrefix(goType, "[]"):
		want = "a list, as in [a, b]"
	case strings.HasPrefix(goType, "int"):
		want = "a whole number"
	case strings.HasPrefix(goType, "float"):
		want = "a number"
	case goType == "bool":
		want = "true or false"
	case goType == "string":
		want = "text"
	}
	return found + " is not " + want
}

// settingAt names the first setting whose value begins on a line and is of a
// kind.
func settingAt(node *yaml.Node, path string, line int, tag string) string {
	for i, child := range node.Content {
		name := path
		switch node.Kind {
		case yaml.MappingNode:
			if i%2 == 0 {
				continue
			}
			name = strings.TrimPrefix(path+"."+node.Content[i-1].Value, ".")
		case yaml.SequenceNode:
			name = fmt.Sprintf("%s[%d]", path, i)
		}
		if child.Line == line && child.ShortTag() == tag {
			return name
		}
		if found := settingAt(child, name, line, tag); found != "" {
			return found
		}
	}
	return ""
}
