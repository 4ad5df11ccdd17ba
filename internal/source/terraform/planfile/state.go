package planfile

import "encoding/json"

// stateValues reads the values of a state: a root module with resources and
// child modules, to any depth.
func (r *reader) stateValues(visit func(*instance) error) error {
	return r.object(func(key string) error {
		if key == "root_module" {
			return r.stateModule(visit)
		}
		return r.skip()
	})
}

func (r *reader) stateModule(visit func(*instance) error) error {
	return r.object(func(key string) error {
		switch key {
		case "resources":
			return r.array(func() error { return r.stateResource(visit) })
		case "child_modules":
			return r.array(func() error { return r.stateModule(visit) })
		default:
			return r.skip()
		}
	})
}

func (r *reader) stateResource(visit func(*instance) error) error {
	if _, err := r.peek(); err != nil {
		return err
	}
	i := &instance{line: r.line, before: true}
	err := r.object(func(key string) (err error) {
		switch key {
		case "address":
			i.address, err = r.plain()
		case "mode":
			i.mode, err = r.text()
		case "type":
			i.typ, err = r.text()
		case "deposed_key":
			var deposed string
			deposed, err = r.plain()
			i.gone = deposed != ""
		case "values":
			if names, ok := r.wants.of(i.typ); ok {
				i.values, err = r.values(names)
				return err
			}
			return r.skip()
		case "sensitive_values":
			if names, ok := r.wants.of(i.typ); ok {
				i.sensitive, err = r.marks(names)
				return err
			}
			return r.skip()
		default:
			return r.skip()
		}
		return err
	})
	if err != nil {
		return err
	}
	i.endLine = r.line
	return visit(i)
}

// rawResource reads one element of a raw state's resources. Its instances are
// kept until it is read, because their addresses may stand behind them.
func (r *reader) rawResource() error {
	var module, mode, typ, name string
	var instances []*instance
	err := r.object(func(key string) (err error) {
		switch key {
		case "module":
			module, err = r.plain()
		case "mode":
			mode, err = r.text()
		case "type":
			typ, err = r.text()
		case "name":
			name, err = r.plain()
		case "instances":
			if _, ok := r.wants.of(typ); !ok && r.wants != nil {
				return r.skip()
			}
			return r.array(func() error {
				i, err := r.rawInstance(typ)
				instances = append(instances, i)
				return err
			})
		default:
			return r.skip()
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, i := range instances {
		i.module, i.mode, i.typ = module, mode, typ
		i.address = within(module, typ+"."+name) + keyText(i.key)
		if err := r.instance(i); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) rawInstance(typ string) (*instance, error) {
	if _, err := r.peek(); err != nil {
		return nil, err
	}
	i := &instance{line: r.line, before: true}
	names, wanted := r.wants.of(typ)
	err := r.object(func(key string) (err error) {
		switch {
		case key == "index_key":
			i.key, err = r.value()
		case key == "deposed":
			var deposed string
			deposed, err = r.plain()
			i.gone = deposed != ""
		case key == "attributes" && wanted:
			i.values, err = r.values(names)
		case key == "attributes_flat" && wanted:
			i.flat = true
			return r.skip()
		case key == "sensitive_attributes" && wanted:
			return r.array(func() error { return r.sensitivePath(i) })
		default:
			return r.skip()
		}
		return err
	})
	i.endLine = r.line
	return i, err
}

// sensitivePath reads one path of sensitive_attributes and marks what it leads
// to. A path that cannot be followed exactly marks more, never less.
func (r *reader) sensitivePath(i *instance) error {
	var path []string
	exact := true
	err := r.array(func() error {
		step, named, err := r.pathStep()
		exact = exact && named
		if exact {
			path = append(path, step)
		}
		return err
	})
	if err != nil {
		return err
	}
	if len(path) == 0 {
		i.sensitive.all = true
		return nil
	}
	if i.sensitive.named == nil {
		i.sensitive.named = make(map[string]any)
	}
	mark(i.sensitive.named, path)
	return nil
}

// mark sets true at the end of a path.
func mark(tree map[string]any, path []string) {
	if len(path) == 1 {
		tree[path[0]] = true
		return
	}
	inner, isTree := tree[path[0]].(map[string]any)
	switch {
	case tree[path[0]] == true:
		return // all of it already
	case !isTree:
		inner = make(map[string]any)
		tree[path[0]] = inner
	}
	mark(inner, path[1:])
}

// pathStep reads one step of a path: the name of an attribute, or the key of a
// map; named is false for the number of an item.
func (r *reader) pathStep() (step string, named bool, err error) {
	var value any
	err = r.object(func(key string) (err error) {
		if key == "value" {
			value, err = r.value()
			return err
		}
		return r.skip()
	})
	if wrapped, ok := value.(map[string]any); ok { // {"value": "team", "type": "string"}
		value = wrapped["value"]
	}
	if number, ok := value.(json.Number); ok {
		return number.String(), false, err
	}
	step, named = value.(string)
	return step, named, err
}
