package directory

import (
	"regexp"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// How large the result of a function that makes more of its arguments will be
// at most, in items or bytes, besides what the arguments hold already. What is
// not known, or not of the right type, counts for nothing.

func textOf(v cty.Value) string {
	if v.IsMarked() || !v.IsKnown() || v.IsNull() || v.Type() != cty.String {
		return ""
	}
	return v.AsString()
}

func joinedSize(args []cty.Value) int {
	items := 0
	for _, list := range args[1:] {
		items += shallowSize(list)
	}
	return product(len(textOf(args[0])), items)
}

func indentedSize(args []cty.Value) int {
	if args[0].IsMarked() || !args[0].IsKnown() || args[0].IsNull() {
		return 0
	}
	spaces, _ := args[0].AsBigFloat().Int64()
	return product(int(min(max(spaces, 0), maxSize+1)), strings.Count(textOf(args[1]), "\n"))
}

func productSize(args []cty.Value) int {
	all := len(args)
	for _, set := range args {
		all = product(all, shallowSize(set))
	}
	return all
}

// widePattern finds a width or precision that pads a text beyond reason.
var widePattern = regexp.MustCompile(`%[^%a-zA-Z]*\d{6}`)

func formattedSize(args []cty.Value) int {
	format := textOf(args[0])
	if widePattern.MatchString(format) {
		return maxSize + 1
	}
	widest, items := 0, 1
	for _, argument := range args[1:] {
		if argument.Type() == cty.String {
			widest = max(widest, shallowSize(argument))
			continue
		}
		items = max(items, shallowSize(argument))
	}
	return product(strings.Count(format, "%"), widest, items)
}

// replacedSize counts the places where something is put in.
func replacedSize(args []cty.Value) int {
	text, search, with := textOf(args[0]), textOf(args[1]), textOf(args[2])
	if len(search) < 2 || !strings.HasPrefix(search, "/") || !strings.HasSuffix(search, "/") {
		return product(strings.Count(text, search), len(with))
	}
	pattern, err := regexp.Compile(search[1 : len(search)-1])
	if err != nil {
		return 0
	}
	return product(len(pattern.FindAllStringIndex(text, -1)), len(with)) + product(strings.Count(with, "$"), len(text))
}
