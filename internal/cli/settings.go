package cli

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/config"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// settings are the flags that several commands share. A flag on the command
// line beats the environment (HOLDFAST_ and the flag's name), which beats
// holdfast.yaml.
type settings struct {
	configFile  string
	controlsDir string
	quiet       bool
	stateDir    string

	controls   []string
	standards  []string
	severities []string
	params     []string

	profile     string
	regions     []string
	roleARNs    []string
	externalID  string
	rate        float64
	concurrency int
	noInline    bool

	config *config.Config
}

func (s *settings) addGlobal(flags *pflag.FlagSet) {
	flags.StringVar(&s.configFile, "config", "", "configuration file (default: holdfast.yaml here or above)")
	flags.StringVar(&s.controlsDir, "controls", "", "directory with controls of your own")
	flags.BoolVarP(&s.quiet, "quiet", "q", false, "print results and errors only")
}

// addSelection adds the flags that choose controls.
func (s *settings) addSelection(flags *pflag.FlagSet) {
	flags.StringSliceVarP(&s.controls, "control", "c", nil, "control ids or globs, as 'Neptune.*'")
	flags.StringSliceVar(&s.standards, "standard", nil, "standards, as FSBP")
	flags.StringSliceVar(&s.severities, "severity", nil, "severities, as HIGH,CRITICAL")
	s.addParams(flags)
}

// addParams adds the flag that sets parameters of controls.
func (s *settings) addParams(flags *pflag.FlagSet) {
	flags.StringSliceVar(&s.params, "param", nil, "parameters, as Neptune.5.minimumBackupRetentionPeriod=14")
}

// addTargets adds the flags that choose accounts and regions.
func (s *settings) addTargets(flags *pflag.FlagSet) {
	flags.StringVarP(&s.profile, "profile", "p", "", "profile of the shared AWS configuration")
	flags.StringSliceVarP(&s.regions, "region", "r", nil, "regions, or 'all' enabled ones (default all)")
	flags.StringSliceVar(&s.roleARNs, "role-arn", nil, "roles to assume, one account each")
	flags.StringVar(&s.externalID, "external-id", "", "external id sent with every assumed role")
	flags.Float64Var(&s.rate, "rate", 0, fmt.Sprintf("calls per second to one service in one region of one account; negative for no limit (default %d)", awsconn.DefaultRate))
	flags.IntVar(&s.concurrency, "concurrency", 0, "places read, or resources changed, at the same time")
}

// resolve fills what the command line left open from the environment and the
// configuration file.
func (app *App) resolve(cmd *cobra.Command) error {
	flags := cmd.Flags()
	app.repeat = repeat(flags)
	var fault error
	flags.VisitAll(func(flag *pflag.Flag) {
		// An unset variable in a script must not widen "these" to "all".
		if list, ok := flag.Value.(pflag.SliceValue); ok && flag.Changed && len(list.GetSlice()) == 0 {
			fault = usage(cmd.CommandPath()+" --help", "--%s is empty: give it a value, or leave it out", flag.Name)
		}
		if flag.Changed || fault != nil || flag.Name == "help" {
			return
		}
		name := "HOLDFAST_" + strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_"))
		if value := app.Env(name); value != "" && environmentFlags[flag.Name] {
			if err := flags.Set(flag.Name, value); err != nil {
				fault = usage(cmd.CommandPath()+" --help", "environment variable %s: %w", name, err)
			}
		}
	})
	if fault != nil {
		return fault
	}
	if err := app.loadConfig(); err != nil {
		return err
	}
	app.Quiet = app.settings.quiet
	if err := app.settings.fill(flags); err != nil {
		return err
	}
	return app.settings.check(cmd)
}

// check refuses numbers that mean nothing.
func (s *settings) check(cmd *cobra.Command) error {
	if math.IsNaN(s.rate) || math.IsInf(s.rate, 0) {
		return usage(cmd.CommandPath()+" --rate -1", "--rate: %v is no number of calls per second; -1 means no limit", s.rate)
	}
	if s.concurrency < 0 {
		return usage(cmd.CommandPath()+" --concurrency 8", "--concurrency: %d is below 1", s.concurrency)
	}
	return nil
}

// environmentFlags are the flags that may come from the environment: those
// that a whole machine or pipeline shares. Acts of one moment, such as --yes
// and --accept, never do.
var environmentFlags = map[string]bool{
	"config": true, "controls": true, "quiet": true, "control": true, "standard": true, "severity": true,
	"param": true, "profile": true, "region": true, "role-arn": true, "external-id": true, "rate": true,
	"concurrency": true, "fail-on": true, "format": true, "state-dir": true,
	"no-inline-exceptions": true,
}

func (app *App) loadConfig() error {
	file := app.settings.configFile
	if file == "" && app.bare {
		return nil
	}
	if file == "" {
		found, err := config.Find(app.Dir)
		if err != nil || found == "" {
			return err
		}
		file = found
	} else {
		file = app.path(file)
	}
	shown, err := filepath.Rel(app.Dir, file)
	if err != nil {
		shown = file
	}
	loaded, err := config.Load(file, shown)
	if err != nil {
		return usage("correct the file, or name another with --config", "%w", err)
	}
	if loaded.ControlsDir != "" && !filepath.IsAbs(loaded.ControlsDir) {
		loaded.ControlsDir = filepath.Join(filepath.Dir(file), loaded.ControlsDir) // it stands beside the file
	}
	if loaded.ControlsDir != "" && !filepath.IsAbs(loaded.ControlsDir) {
		loaded.ControlsDir = filepath.Join(filepath.Dir(file), loaded.ControlsDir)
	}
	app.settings.config = loaded
	return nil
}

// fill takes from the configuration file what no flag has set.
func (s *settings) fill(flags *pflag.FlagSet) error {
	if s.config == nil {
		return nil
	}
	values := map[string][]string{
		"control": s.config.Controls, "standard": s.config.Standards, "severity": s.config.Severities,
		"region": s.config.Regions, "role-arn": s.config.RoleARNs,
		"profile": one(s.config.Profile), "external-id": one(s.config.ExternalID),
		"controls": one(s.config.ControlsDir), "fail-on": one(s.config.FailOn),
	}
	if s.config.Rate != 0 {
		values["rate"] = one(strconv.FormatFloat(s.config.Rate, 'g', -1, 64))
	}
	if s.config.Concurrency != 0 {
		values["concurrency"] = one(strconv.Itoa(s.config.Concurrency))
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		flag := flags.Lookup(name)
		if flag == nil || flag.Changed {
			continue
		}
		for _, value := range values[name] {
			if err := flags.Set(name, value); err != nil {
				return usage("correct the file, or name another with --config", "%s: %s: %w", s.config.File, name, err)
			}
		}
	}
	if flag := flags.Lookup("no-inline-exceptions"); s.config.NoInline && flag != nil && !flag.Changed {
		s.noInline = true
	}
	// Parameters add up: the command line overrides single ones.
	var params []string
	for _, key := range slices.Sorted(maps.Keys(s.config.Params)) {
		params = append(params, key+"="+s.config.Params[key])
	}
	s.params = append(params, s.params...)
	return nil
}

// repeat writes the flags that say where to look, as far as they stood on the
// command line, for a command that is to follow.
func repeat(flags *pflag.FlagSet) string {
	var out strings.Builder
	for _, name := range []string{"config", "controls", "profile", "region", "role-arn", "external-id"} {
		if flag := flags.Lookup(name); flag != nil && flag.Changed {
			value := strings.Trim(flag.Value.String(), "[]")
			out.WriteString(" --" + name + " " + quoted(value))
		}
	}
	return out.String()
}

// targeted reports whether the command line itself chooses accounts.
func (app *App) targeted() bool {
	return slices.ContainsFunc([]string{"profile", "region", "role-arn", "external-id"}, func(name string) bool {
		return strings.Contains(app.repeat, " --"+name+" ")
	})
}

// quoted makes a value safe to copy into a shell.
func quoted(value string) string {
	if value != "" && strings.Trim(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-,:/=@+") == "" {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}

func one(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
}

// selection returns the chosen controls of the catalogue and their parameters.
func (app *App) selection() (*control.Catalogue, []*control.Control, control.Params, error) {
	catalogue, err := app.Catalogue()
	if err != nil {
		return nil, nil, nil, err
	}
	s := &app.settings
	choice := control.Selection{IDs: s.controls, Standards: s.standards}
	for _, text := range s.severities {
		severity, err := finding.ParseSeverity(text)
		if err != nil {
			return nil, nil, nil, usage("--severity HIGH,CRITICAL", "%w", err)
		}
		choice.Severities = append(choice.Severities, severity)
	}
	chosen, err := catalogue.Select(choice)
	if err != nil {
		return nil, nil, nil, err
	}
	if len(chosen) == 0 {
		return nil, nil, nil, usage("holdfast controls list", "no control matches all of --control, --standard and --severity")
	}
	params, err := catalogue.ParseParams(s.params)
	var unknown *control.UnknownError // knows better what to try
	if err != nil && !errors.As(err, &unknown) {
		err = usage("holdfast scan --param Neptune.5.minimumBackupRetentionPeriod=14", "--param: %w", err)
	}
	return catalogue, chosen, params, err
}

// connection returns the options for a session that may call the given
// operations.
func (app *App) connection(allowed []string) awsconn.Options {
	s := &app.settings
	return awsconn.Options{
		Profile: s.profile, Roles: s.roleARNs, ExternalID: s.externalID, Regions: s.regions,
		Allowed: allowed, Rate: s.rate, Version: app.Version, Fixed: app.fixed,
	}
}

// readers is how many places a scan reads at once.
func (s *settings) readers() int { return cmp.Or(s.concurrency, 32) }
