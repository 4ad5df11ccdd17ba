package bash

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)

// quote makes one word of the shell of any text.
func quote(text string) string {
	// A script holds neither of these; what is sent to AWS was checked before.
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
	switch {
	case plainWord.MatchString(text):
		return text
	case !strings.Contains(text, "'"):
		return "'" + text + "'"
	default:
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(text) + `"`
	}
}

// comment makes a text safe to stand after a hash sign.
func comment(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

var (
	pluralAcronym = regexp.MustCompile(`[A-Z]{2,}s$`)
	capitalWord   = regexp.MustCompile(`(.)([A-Z][a-z]+)`)
	capitalAfter  = regexp.MustCompile(`([a-z0-9])([A-Z])`)
)

// kebab is the name that the AWS CLI gives an operation or a parameter of the
// API: ModifyDBCluster is modify-db-cluster.
func kebab(name string) string {
	if plural := pluralAcronym.FindString(name); plural != "" {
		name = strings.TrimSuffix(name, plural) + "-" + strings.ToLower(plural)
	}
	name = capitalWord.ReplaceAllString(name, "$1-$2")
	return strings.ToLower(capitalAfter.ReplaceAllString(name, "$1-$2"))
}

// command is the AWS CLI command of an operation, without parameters.
func command(operation string) (string, error) {
	service, name, found := strings.Cut(operation, ":")
	if !found || !plainWord.MatchString(service) || !plainWord.MatchString(name) {
		return "", fmt.Errorf("%q is no operation such as rds:ModifyDBCluster", operation)
	}
	if service == "s3" {
		service = "s3api" // what the AWS CLI calls s3 moves files
	}
	return service + " " + kebab(name), nil
}

// call is the AWS CLI command of a call, its parameters as flags.
func call(c *fix.Call) (string, error) {
	name, err := command(c.Operation)
	if err != nil {
		return "", err
	}
	words := []string{"aws", name}
	for _, parameter := range slices.Sorted(maps.Keys(c.Parameters)) {
		if !plainWord.MatchString(parameter) {
			return "", fmt.Errorf("%s: %q is no parameter", c.Operation, parameter)
		}
		flag, err := flag("--"+kebab(parameter), c.Parameters[parameter])
		if err != nil {
			return "", fmt.Errorf("%s: %s: %w", c.Operation, parameter, err)
		}
		words = append(words, flag)
	}
	return strings.Join(append(words, "--region", quote(c.Region)), " "), nil
}

// flag writes one parameter as the AWS CLI takes it: flags for booleans, words
// for texts, numbers and lists of texts, JSON for the rest.
func flag(name string, value resource.Value) (string, error) {
	switch value.Kind() {
	case resource.Bool:
		if on, _ := value.Bool(); !on {
			return "--no-" + strings.TrimPrefix(name, "--"), nil
		}
		return name, nil
	case resource.Int, resource.Float, resource.String:
		word, err := argument(value.String())
		if strings.HasPrefix(word, "-") || strings.HasPrefix(word, "'-") {
			return name + "=" + word, err // a word of its own would be taken for a flag
		}
		return name + " " + word, err
	case resource.List:
		if items, ok := value.Strings(); ok && len(items) > 0 {
			words := []string{name}
			for _, item := range items {
				word, err := argument(item)
				if err != nil || strings.HasPrefix(item, "-") {
					return encoded(name, value)
				}
				words = append(words, word)
			}
			return strings.Join(words, " "), nil
		}
		return encoded(name, value)
	case resource.Map:
		return encoded(name, value)
	default:
		return "", fmt.Errorf("a value that is %s cannot be sent", value.Kind())
	}
}

func encoded(name string, value resource.Value) (string, error) {
	data, err := json.Marshal(value)
	return name + " " + quote(string(data)), err
}

// argument quotes a text, and refuses one that the AWS CLI would take for the
// address of what is meant.
func argument(text string) (string, error) {
	for _, prefix := range []string{"file://", "fileb://", "http://", "https://"} {
		if strings.HasPrefix(strings.ToLower(text), prefix) {
			return "", fmt.Errorf("the AWS CLI would read %s instead of sending it", text)
		}
	}
	if strings.ContainsRune(text, 0) {
		return "", fmt.Errorf("%q holds a zero byte", text)
	}
	return quote(text), nil
}
