package cloudformation

import (
	"fmt"
	"math/big"
	"net/netip"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/resource"
	"gopkg.in/yaml.v3"
)

// sub evaluates Fn::Sub: a text, or a text with variables of its own.
func (e evaluator) sub(arg, n *yaml.Node) Value {
	pattern, own := arg, (*yaml.Node)(nil)
	if arg.Kind == yaml.SequenceNode {
		if len(arg.Content) != 2 {
			return malformed(e.at(n), "Fn::Sub takes a text and variables")
		}
		pattern, own = target(arg.Content[0]), target(arg.Content[1])
	}
	if pattern.Kind != yaml.ScalarNode {
		return malformed(e.at(n), "Fn::Sub takes a text")
	}
	var parts []Value
	for rest := pattern.Value; rest != ""; {
		before, after, found := strings.Cut(rest, "${")
		if before != "" {
			parts = append(parts, ofText(before, e.at(n)))
		}
		if !found {
			break
		}
		name, after, closed := strings.Cut(after, "}")
		switch {
		case !closed:
			parts = append(parts, ofText("${"+name, e.at(n)))
		case strings.HasPrefix(name, "!"):
			parts = append(parts, ofText("${"+name[1:]+"}", e.at(n)))
		default:
			parts = append(parts, e.variable(strings.TrimSpace(name), own, n))
		}
		rest = after
	}
	if len(parts) == 1 {
		if text, ok := parts[0].Text(); ok {
			value := e.run.text(text, parts[0].Origin)
			value.node, value.through = parts[0].node, parts[0].through
			return value
		}
	}
	return e.concat(parts, n)
}

// variable is what stands for ${name} in a text.
func (e evaluator) variable(name string, own, n *yaml.Node) Value {
	if value := field(own, name); value != nil {
		return e.value(value)
	}
	if id, attribute, ok := strings.Cut(name, "."); ok {
		return e.attribute(e.loop.fill(id), attribute, n)
	}
	return e.ref(name, n)
}

// concat joins texts. One that is unknown makes the whole unknown.
func (e evaluator) concat(parts []Value, n *yaml.Node) Value {
	var out, symbol strings.Builder
	var unknown *Value
	for i := range parts {
		part := &parts[i]
		text, ok := part.Text()
		found := part.firstUnknown()
		switch {
		case out.Len() > maxText || symbol.Len() > maxText || !e.run.spend(1+(len(text)+len(part.symbol))/16):
			return malformed(e.at(n), "the text is too long")
		case ok:
			fmt.Fprintf(&symbol, "%q ", text)
			out.WriteString(text)
			continue
		case found == nil:
			return malformed(e.at(n), "a text is wanted here")
		case unknown == nil:
			unknown = found
		}
		fmt.Fprintf(&symbol, "%s ", part.symbol)
	}
	if unknown == nil {
		return e.run.text(out.String(), e.at(n))
	}
	if len(parts) == 1 {
		return parts[0]
	}
	result := ofMissing(*unknown.Missing(), "", e.at(n))
	for i := range parts {
		if parts[i].kind == resource.Unknown && parts[i].symbol == "" {
			return result
		}
	}
	result.symbol = symbol.String()
	return result
}

func (e evaluator) join(arg, n *yaml.Node) Value {
	values, wrong := e.items(arg, n, 2, 2)
	if wrong != nil {
		return *wrong
	}
	between, ok := values[0].Text()
	if !ok {
		return e.withText(values[0], n, nil)
	}
	switch values[1].kind {
	case resource.Unknown:
		return e.follows(values[1], "Fn::Join "+between, n)
	case resource.List:
	default:
		return malformed(e.at(n), "Fn::Join wants a list")
	}
	var parts []Value
	for i, item := range values[1].items {
		if i > 0 && between != "" {
			parts = append(parts, ofText(between, e.at(n)))
		}
		parts = append(parts, item)
	}
	if len(parts) == 0 {
		return ofText("", e.at(n))
	}
	return e.concat(parts, n)
}

func (e evaluator) splitText(arg, n *yaml.Node) Value {
	values, wrong := e.items(arg, n, 2, 2)
	if wrong != nil {
		return *wrong
	}
	between, ok := values[0].Text()
	if !ok || between == "" {
		return malformed(e.at(n), "Fn::Split wants a text to split at")
	}
	if values[1].kind == resource.Unknown {
		return e.follows(values[1], "Fn::Split "+between, n)
	}
	if _, ok := values[1].Text(); !ok {
		return malformed(e.at(n), "Fn::Split wants a text")
	}
	return e.run.split(values[1], between, false)
}

// itemWork is what an item of a list costs that is made from a text.
const itemWork = 8

// split cuts a text into a list; a list stays as it is.
func (r *run) split(v Value, at string, trim bool) Value {
	text, ok := v.Text()
	if !ok {
		return v
	}
	if !r.spend(itemWork * strings.Count(text, at)) {
		return malformed(v.Origin, "the list is too long")
	}
	var items []Value
	for part := range strings.SplitSeq(text, at) {
		if trim {
			part = strings.TrimSpace(part)
		}
		items = append(items, ofText(part, v.Origin))
	}
	return ofList(items, v.Origin)
}

// cidr evaluates Fn::Cidr: the first blocks of a size that fit into a block.
func (e evaluator) cidr(arg, n *yaml.Node) Value {
	values, wrong := e.items(arg, n, 2, 3)
	if wrong != nil {
		return *wrong
	}
	for i := range values {
		if values[i].kind == resource.Unknown {
			return e.follows(values[i], "Fn::Cidr", n)
		}
	}
	block, _ := values[0].Text()
	count, ok := values[1].number()
	bits := int64(8)
	if len(values) == 3 && ok {
		bits, ok = values[2].number()
	}
	prefix, err := netip.ParsePrefix(block)
	if err != nil || !ok || count < 1 || count > 256 || bits < 1 || bits > 128 {
		return malformed(e.at(n), "Fn::Cidr wants a block, a count from 1 to 256 and a number of bits")
	}
	blocks, fits := subnets(prefix.Masked(), int(count), int(bits))
	if !fits {
		return malformed(e.at(n), "%d blocks of %d bits do not fit into %s", count, bits, block)
	}
	items := make([]Value, len(blocks))
	for i, one := range blocks {
		items[i] = ofText(one, e.at(n))
	}
	return ofList(items, e.at(n))
}

// subnets lists the first blocks with the given number of host bits.
func subnets(within netip.Prefix, count, hostBits int) ([]string, bool) {
	size := within.Addr().BitLen() - hostBits
	if size < within.Bits() || size < 0 {
		return nil, false
	}
	if room := size - within.Bits(); room < 9 && count > 1<<room {
		return nil, false
	}
	first := new(big.Int).SetBytes(within.Addr().AsSlice())
	step := new(big.Int).Lsh(big.NewInt(1), uint(hostBits))
	blocks := make([]string, count)
	raw := make([]byte, within.Addr().BitLen()/8)
	for i := range blocks {
		address, ok := netip.AddrFromSlice(first.FillBytes(raw))
		if !ok {
			return nil, false
		}
		blocks[i] = netip.PrefixFrom(address, size).String()
		first = new(big.Int).Add(first, step)
		if first.BitLen() > within.Addr().BitLen() {
			return blocks[:i+1], i+1 == count
		}
	}
	return blocks, true
}
