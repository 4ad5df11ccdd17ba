package planfile

import "slices"

// change reads one element of resource_changes.
func (r *reader) change(visit func(*instance) error) error {
	if _, err := r.peek(); err != nil {
		return err
	}
	i := &instance{line: r.line}
	err := r.object(func(key string) error { return r.changeMember(i, key) })
	if err != nil {
		return err
	}
	i.endLine = r.line
	return visit(i)
}

func (r *reader) changeMember(i *instance, key string) (err error) {
	switch key {
	case "address":
		i.address, err = r.plain()
	case "mode":
		i.mode, err = r.text()
	case "type":
		i.typ, err = r.text()
	case "deposed":
		var deposed string
		deposed, err = r.plain()
		i.gone = i.gone || deposed != ""
	case "change":
		names, ok := r.wants.of(i.typ)
		if !ok || i.mode == "data" {
			return r.skip()
		}
		return r.object(func(key string) error { return r.changeBody(i, key, names) })
	default:
		return r.skip()
	}
	return err
}

func (r *reader) changeBody(i *instance, key string, names map[string]bool) (err error) {
	switch key {
	case "actions":
		var actions []string
		actions, err = r.texts()
		i.gone = i.gone || leaves(actions)
		i.created = slices.Contains(actions, "create")
	case "after":
		i.values, err = r.values(names)
	case "after_unknown":
		i.unknown, err = r.marks(names)
	case "after_sensitive":
		i.sensitive, err = r.marks(names)
	case "before":
		c, err := r.peek()
		if err != nil {
			return err
		}
		i.before = c == '{'
		i.old.values, err = r.values(names)
		return err
	case "before_sensitive":
		i.old.sensitive, err = r.marks(names)
	default:
		return r.skip()
	}
	return err
}

// leaves tells actions after which Terraform has nothing to do with the
// resource any more. A replacement deletes too, and stays.
func leaves(actions []string) bool {
	stays := func(action string) bool { return action != "delete" && action != "forget" }
	return len(actions) > 0 && !slices.ContainsFunc(actions, stays)
}

// deferred reads one element of deferred_changes, which wraps a change that
// Terraform has put off.
func (r *reader) deferred() error {
	return r.object(func(key string) error {
		if key == "resource_change" {
			return r.change(r.instance)
		}
		return r.skip()
	})
}

func (r *reader) priorState() error {
	return r.object(func(key string) error {
		if key == "values" {
			return r.stateValues(r.prior)
		}
		return r.skip()
	})
}

// values reads the attributes of an object that somebody wants and that are
// set.
func (r *reader) values(names map[string]bool) (map[string]any, error) {
	return r.members(names, func(value any) bool { return value != nil })
}

// marks reads what holds of attributes: true or false for all of them, or an
// object in their form.
func (r *reader) marks(names map[string]bool) (marks, error) {
	c, err := r.peek()
	if err != nil {
		return marks{}, err
	}
	if c == 't' || c == 'f' {
		all, err := r.flag()
		return marks{all: all}, err
	}
	named, err := r.members(names, marked)
	for name, mark := range named {
		if mark == (tooLong{}) {
			named[name] = true // nobody can tell of what it does not hold
		}
	}
	return marks{named: named}, err
}

// members reads the members of an object with the names given, those that are
// worth keeping.
func (r *reader) members(names map[string]bool, worth func(any) bool) (map[string]any, error) {
	var kept map[string]any
	err := r.object(func(name string) error {
		if !names[name] {
			return r.skip()
		}
		value, err := r.value()
		if err != nil || !worth(value) {
			return err
		}
		if kept == nil {
			kept = make(map[string]any)
		}
		kept[name] = value
		return nil
	})
	return kept, err
}

// texts reads a list of texts.
func (r *reader) texts() ([]string, error) {
	var list []string
	err := r.array(func() error {
		text, err := r.text()
		list = append(list, text)
		return err
	})
	return list, err
}

// plain reads a text that is not likely to come again.
func (r *reader) plain() (string, error) {
	raw, err := r.raw()
	if err != nil || string(raw) == "null" {
		return "", err
	}
	return textOf(raw)
}
