package control

import (
	"fmt"

	"github.com/holdfast-aws/holdfast/internal/resource"
	"gopkg.in/yaml.v3"
)

// unknownTag marks a value in a case that nobody could tell: !unknown denied.
const unknownTag = "!unknown"

// decodeValue turns a YAML node into a property value.
func decodeValue(node *yaml.Node) (resource.Value, error) { return decodeNode(node, 16) }

func decodeNode(node *yaml.Node, depth int) (resource.Value, error) {
	if depth == 0 {
		return resource.Value{}, fmt.Errorf("line %d: value is nested too deep", node.Line)
	}
	if node.Tag == unknownTag {
		reason := node.Value
		if reason == "" {
			reason = resource.ReasonNotRead
		}
		return resource.OfUnknown(resource.Missing{Reason: reason}), nil
	}
	switch node.Kind {
	case yaml.ScalarNode:
		var raw any
		if err := node.Decode(&raw); err != nil {
			return resource.Value{}, err
		}
		return resource.FromJSON(raw)
	case yaml.SequenceNode:
		items := make([]resource.Value, len(node.Content))
		for i, child := range node.Content {
			value, err := decodeNode(child, depth-1)
			if err != nil {
				return resource.Value{}, err
			}
			items[i] = value
		}
		return resource.OfList(items...), nil
	case yaml.MappingNode:
		fields := make(map[string]resource.Value, len(node.Content)/2)
		for i := 0; i+1 < len(node.Content); i += 2 {
			value, err := decodeNode(node.Content[i+1], depth-1)
			if err != nil {
				return resource.Value{}, err
			}
			fields[node.Content[i].Value] = value
		}
		return resource.OfMap(fields), nil
	default:
		return resource.Value{}, fmt.Errorf("line %d: aliases are not allowed here", node.Line)
	}
}
