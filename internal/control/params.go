package control

import (
	"fmt"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/nearest"
)

// Params holds the parameter values a scan uses: control id → name → value. A
// value that is no number stands as its Parameter says.
type Params map[string]map[string]int64

// ParseParams reads overrides such as
// "Neptune.5.minimumBackupRetentionPeriod=14" over the defaults of the given
// controls. A value outside the parameter's range is refused.
func (c *Catalogue) ParseParams(overrides []string) (Params, error) {
	params := make(Params)
	for _, control := range c.Controls {
		for name, parameter := range control.Parameters {
			params.set(control.ID, name, parameter.Default)
		}
	}
	for _, override := range overrides {
		key, text, found := strings.Cut(override, "=")
		dot := strings.LastIndex(key, ".")
		if !found || dot < 0 {
			return nil, fmt.Errorf("parameter %q is not of the form Neptune.5.minimumBackupRetentionPeriod=14", override)
		}
		if err := c.setParam(params, key[:dot], key[dot+1:], text); err != nil {
			return nil, err
		}
	}
	return params, nil
}

func (c *Catalogue) setParam(params Params, id, name, text string) error {
	control := c.Find(id)
	if control == nil {
		return &UnknownError{What: "control", Name: id, Nearest: nearest.Names(id, c.ids())}
	}
	parameter := control.Parameters[name]
	if parameter == nil {
		return &UnknownError{What: "parameter of " + control.ID, Name: name, Nearest: nearest.Names(name, control.ParameterNames())}
	}
	value, err := parameter.parse(text)
	if err != nil {
		return fmt.Errorf("%s.%s: %w", control.ID, name, err)
	}
	params.set(control.ID, name, value)
	return nil
}

func (p Params) set(id, name string, value int64) {
	if p[id] == nil {
		p[id] = make(map[string]int64)
	}
	p[id][name] = value
}
