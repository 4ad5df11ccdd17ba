package template

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/resource"
)

var (
	// plainText is what needs no quotes in YAML, wherever it stands.
	plainText = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./-]*$`)
	word      = regexp.MustCompile(`^(?i:true|false|yes|no|on|off|null|y|n)$`)
	digits    = regexp.MustCompile(`^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$`)
)

// spell writes a scalar the way the one that it replaces is written; old is nil
// where there is none.
func spell(v resource.Value, old *node, inJSON bool) string {
	text := v.String()
	if old != nil {
		text = likeWord(text, old.text)
	}
	quote := byte(0)
	if old != nil {
		quote = old.quote
	}
	switch plain := v.Kind() != resource.String; {
	case quote == '\'':
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	case quote == '"':
		return quoted(text)
	case plain, old != nil && digits.MatchString(old.text) && digits.MatchString(text),
		old != nil && word.MatchString(old.text) && word.MatchString(text):
		return text
	case !inJSON && plainText.MatchString(text) && !word.MatchString(text):
		return text
	}
	return quoted(text)
}

// quoted writes a text in double quotes, as JSON and YAML both read it.
func quoted(text string) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(text) != nil {
		return `""` // a text always has a form
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// likeWord writes true and false with the words and the case of the one that it
// replaces: no becomes yes, and False becomes True.
func likeWord(text, old string) string {
	pairs := [][2]string{{"true", "false"}, {"yes", "no"}, {"on", "off"}}
	at := map[string]int{"true": 0, "false": 1}
	which, is := at[text]
	if !is {
		return text
	}
	for _, pair := range pairs {
		if strings.EqualFold(old, pair[0]) || strings.EqualFold(old, pair[1]) {
			text = pair[which]
		}
	}
	switch {
	case old != "" && old == strings.ToUpper(old) && word.MatchString(old):
		return strings.ToUpper(text)
	case old != "" && old[:1] == strings.ToUpper(old[:1]) && word.MatchString(old):
		return strings.ToUpper(text[:1]) + text[1:]
	}
	return text
}
