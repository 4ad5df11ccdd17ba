package apply

import (
	"slices"

	"github.com/holdfast-aws/holdfast/internal/resource"
)

// LogExports is the parameter that changes which logs go to CloudWatch Logs.
const LogExports = "CloudwatchLogsExportConfiguration"

// ExportChange is the fix.Shape of log exports: it sends only the kinds of log
// that change, and those that are not named stay as they are.
func ExportChange(from, to resource.Value) map[string]resource.Value {
	change := make(map[string]resource.Value)
	if added := without(to, from); len(added) > 0 {
		change["EnableLogTypes"] = resource.OfStrings(added)
	}
	if removed := without(from, to); len(removed) > 0 {
		change["DisableLogTypes"] = resource.OfStrings(removed)
	}
	return map[string]resource.Value{LogExports: resource.OfMap(change)}
}

// without lists the texts of a list that another does not hold.
func without(list, other resource.Value) []string {
	texts, _ := list.Strings()
	return slices.DeleteFunc(texts, func(text string) bool { return other.Contains(resource.OfString(text)) })
}
