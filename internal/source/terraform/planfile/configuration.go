package planfile

import "strings"

// configuration is what a plan says of the code that it was made from, cut down
// to which values refer to what. Its places are addresses without keys.
type configuration struct {
	blocks    map[string]*block    // module.graph.aws_neptune_cluster.main
	calls     map[string]*call     // module.graph
	outputs   map[string][]string  // module.graph.cluster_id → references
	providers map[string]*provider // aws.west, module.graph:aws
	variables map[string]string    // short texts of the root module
	secret    map[string]bool      // variables that are sensitive
}

// block is one resource block.
type block struct {
	refs     map[string][]string // attribute that the code sets → references
	each     []string            // what count or for_each refers to
	provider string
}

// call is one module call.
type call struct {
	refs map[string][]string // argument → references
	each []string
	many bool // it has count or for_each
}

type provider struct {
	region string
	refs   []string // what the region refers to
}

func newConfiguration() *configuration {
	return &configuration{
		blocks: make(map[string]*block), calls: make(map[string]*call), outputs: make(map[string][]string),
		providers: make(map[string]*provider), variables: make(map[string]string), secret: make(map[string]bool),
	}
}

// configReader fills a configuration with what concerns the wanted attributes.
type configReader struct {
	*reader
	wants *wanted
	into  *configuration
}

func (r *configReader) read() error {
	return r.object(func(key string) error {
		switch key {
		case "provider_config":
			return r.object(r.provider)
		case "root_module":
			return r.module("")
		default:
			return r.skip()
		}
	})
}

func (r *configReader) provider(name string) error {
	p := &provider{}
	r.into.providers[name] = p
	return r.object(func(key string) error {
		if key != "expressions" {
			return r.skip()
		}
		return r.object(func(key string) error {
			if key != "region" {
				return r.skip()
			}
			return r.object(func(key string) (err error) {
				switch key {
				case "constant_value":
					var value any
					value, err = r.value()
					p.region, _ = value.(string)
				case "references":
					p.refs, err = r.texts()
				default:
					err = r.skip()
				}
				return err
			})
		})
	})
}

func (r *configReader) module(path string) error {
	return r.object(func(key string) error {
		switch key {
		case "resources":
			return r.array(func() error { return r.block(path) })
		case "module_calls":
			return r.object(func(name string) error { return r.call(within(path, "module."+name)) })
		case "outputs":
			return r.object(func(name string) error { return r.references(within(path, name), r.into.outputs) })
		case "variables":
			if path == "" {
				return r.object(r.declared)
			}
		}
		return r.skip()
	})
}

// declared notes which variables of the root module are sensitive.
func (r *configReader) declared(name string) error {
	return r.object(func(key string) (err error) {
		if key != "sensitive" {
			return r.skip()
		}
		r.into.secret[name], err = r.flag()
		return err
	})
}

func (r *configReader) block(path string) error {
	var address, mode, typ string
	b := &block{refs: make(map[string][]string)}
	err := r.object(func(key string) (err error) {
		switch key {
		case "address":
			address, err = r.plain()
		case "mode":
			mode, err = r.text()
		case "type":
			typ, err = r.text()
		case "provider_config_key":
			b.provider, err = r.text()
		case "count_expression", "for_each_expression":
			b.each, err = r.collect()
		case "expressions":
			names, ok := r.wants.of(typ)
			if !ok || mode == "data" {
				return r.skip()
			}
			return r.object(func(name string) error {
				if !names[name] {
					return r.skip()
				}
				b.refs[name], err = r.collect()
				return err
			})
		default:
			return r.skip()
		}
		return err
	})
	if _, ok := r.wants.of(typ); ok && typ != "" && mode == "managed" {
		r.into.blocks[within(path, address)] = b
	}
	return err
}

func (r *configReader) call(path string) error {
	c := &call{refs: make(map[string][]string)}
	r.into.calls[path] = c
	return r.object(func(key string) (err error) {
		switch key {
		case "expressions":
			return r.object(func(name string) error { return r.references(name, c.refs) })
		case "count_expression", "for_each_expression":
			c.many = true
			c.each, err = r.collect()
			return err
		case "module":
			return r.module(path)
		default:
			return r.skip()
		}
	})
}

// references notes what an expression refers to, if it refers to anything.
func (r *configReader) references(name string, into map[string][]string) error {
	refs, err := r.collect()
	if len(refs) > 0 {
		into[name] = refs
	}
	return err
}

// maxRefs is more references than any expression has that means one object.
const maxRefs = 100

// collect gathers all references below an expression, of nested blocks too.
func (r *configReader) collect() ([]string, error) {
	var refs []string
	err := r.gather(&refs)
	return longest(refs), err
}

func (r *configReader) gather(refs *[]string) error {
	c, err := r.peek()
	switch {
	case err != nil:
		return err
	case c == '[':
		return r.array(func() error { return r.gather(refs) })
	case c != '{':
		return r.skip()
	}
	return r.object(func(key string) error {
		switch key {
		case "references":
			list, err := r.texts()
			*refs = append(*refs, list[:min(len(list), maxRefs-len(*refs))]...)
			return err
		case "constant_value":
			return r.skip()
		default:
			return r.gather(refs)
		}
	})
}

// longest drops references that only begin another: Terraform names
// aws_kms_key.main.arn and, for the same expression, aws_kms_key.main.
func longest(refs []string) []string {
	var kept []string
	for i, ref := range refs {
		begins := false
		for j, other := range refs {
			rest, found := strings.CutPrefix(other, ref)
			if i != j && found && (rest == "" && j < i || rest != "" && (rest[0] == '.' || rest[0] == '[')) {
				begins = true
				break
			}
		}
		if !begins {
			kept = append(kept, ref)
		}
	}
	return kept
}

// variable reads one variable of the root module. Only short texts are kept,
// for regions.
func (r *configReader) variable(name string) error {
	return r.object(func(key string) error {
		if key != "value" {
			return r.skip()
		}
		c, err := r.peek()
		if err != nil || c != '"' {
			return r.skip()
		}
		text, err := r.plain()
		if len(text) <= maxRegion {
			r.into.variables[name] = text
		}
		return err
	})
}

// maxRegion is more than the name of any region has.
const maxRegion = 32

// region is the region of a block's provider, or "".
func (c *configuration) region(b *block) string {
	p := c.providers[b.provider]
	if p == nil || p.region == "" && len(p.refs) == 0 {
		// A module that declares no provider of its own has the one of the root.
		_, inherited, _ := strings.Cut(b.provider, ":")
		p = c.providers[inherited]
	}
	if p == nil {
		return ""
	}
	if p.region == "" && len(p.refs) == 1 {
		if name, found := strings.CutPrefix(p.refs[0], "var."); found && !c.secret[name] {
			return c.variables[name]
		}
	}
	return p.region
}
