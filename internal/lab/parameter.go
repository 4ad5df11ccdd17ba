package lab

import (
	"slices"
	"strconv"
	"strings"
)

// parameter is a setting of an engine that a cluster parameter group can change.
type parameter struct {
	name, value, allowed, kind, about string
	static                            bool // takes effect when an instance starts
	fixed                             bool // cannot be changed
}

// parametersOf lists the parameters of an engine by name: those that matter here and enough others to be a list.
func parametersOf(engine string) []parameter {
	switch engine {
	case "neptune":
		return []parameter{
			{name: "neptune_autoscaling_config", allowed: "", kind: "string", about: "Settings of instances that auto-scaling adds"},
			{name: "neptune_enable_audit_log", value: "0", allowed: "0,1", kind: "integer", about: "Writes audit lines", static: true},
			{name: "neptune_enable_slow_query_log", value: "disable", allowed: "info,debug,disable", kind: "string", about: "Writes slow queries"},
			{name: "neptune_enforce_ssl", value: "1", allowed: "0,1", kind: "integer", about: "Refuses connections without TLS", static: true},
			{name: "neptune_lab_mode", allowed: "", kind: "string", about: "Features that are tried out", static: true},
			{name: "neptune_query_timeout", value: "120000", allowed: "10-2147483647", kind: "integer", about: "Milliseconds that a query may take", static: true},
			{name: "neptune_slow_query_log_threshold", value: "5000", allowed: "0-2147483647", kind: "integer", about: "Milliseconds from which a query is slow"},
			{name: "neptune_streams", value: "0", allowed: "0,1", kind: "integer", about: "Keeps a stream of changes", static: true},
			{name: "neptune_streams_expiry_days", value: "7", allowed: "1-90", kind: "integer", about: "Days that the stream is kept"},
		}
	case "docdb":
		return []parameter{
			{name: "audit_logs", value: "disabled", allowed: "enabled,disabled,ddl,dml_read,dml_write,all,none", kind: "string", about: "Writes audit lines"},
			{name: "change_stream_log_retention_duration", value: "10800", allowed: "3600-604800", kind: "integer", about: "Seconds that the change stream is kept"},
			{name: "profiler", value: "disabled", allowed: "enabled,disabled", kind: "string", about: "Writes slow operations"},
			{name: "profiler_threshold_ms", value: "100", allowed: "50-2147483647", kind: "integer", about: "Milliseconds from which an operation is slow"},
			{name: "tls", value: "enabled", allowed: "enabled,disabled,fips-140-3,tls1.2+,tls1.3+", kind: "string", about: "Refuses connections without TLS", static: true},
			{name: "ttl_monitor", value: "enabled", allowed: "enabled,disabled", kind: "string", about: "Deletes documents that have expired"},
		}
	case "aurora-mysql", "mysql":
		return mysqlParameters()
	}
	return []parameter{
		{name: "log_statement", value: "none", allowed: "none,ddl,mod,all", kind: "string", about: "Statements that are logged"},
		{name: "rds.force_ssl", value: "1", allowed: "0,1", kind: "boolean", about: "Refuses connections without TLS"},
		{name: "rds.logical_replication", value: "0", allowed: "0,1", kind: "boolean", about: "Logical replication", static: true},
	}
}

// mysqlParameters is long enough to need more than one page.
func mysqlParameters() []parameter {
	list := []parameter{
		{name: "binlog_format", value: "OFF", allowed: "ROW,STATEMENT,MIXED,OFF", kind: "string", about: "Format of the binary log", static: true},
		{name: "general_log", value: "0", allowed: "0,1", kind: "boolean", about: "Writes every statement"},
		{name: "require_secure_transport", value: "OFF", allowed: "ON,OFF", kind: "string", about: "Refuses connections without TLS"},
		{name: "server_audit_events", allowed: "", kind: "list", about: "Events that are audited"},
		{name: "server_audit_logging", value: "0", allowed: "0,1", kind: "boolean", about: "Writes audit lines"},
		{name: "slow_query_log", value: "0", allowed: "0,1", kind: "boolean", about: "Writes slow queries"},
		{name: "version_comment", value: "aurora", kind: "string", about: "Build of the server", fixed: true},
	}
	for _, name := range []string{"auto_increment_increment", "auto_increment_offset", "connect_timeout", "innodb_lock_wait_timeout",
		"innodb_purge_threads", "interactive_timeout", "lock_wait_timeout", "long_query_time", "max_connect_errors",
		"max_connections", "max_join_size", "max_prepared_stmt_count", "max_user_connections", "net_read_timeout",
		"net_retry_count", "net_write_timeout", "sort_buffer_size", "table_open_cache", "thread_stack", "wait_timeout"} {
		list = append(list, parameter{name: name, allowed: "0-2147483647", kind: "integer", about: "A number"})
	}
	slices.SortFunc(list, func(a, b parameter) int { return strings.Compare(a.name, b.name) })
	return list
}

// allows tells whether a value is in the allowed ones: a list, a range, or anything.
func (p parameter) allows(value string) bool {
	if p.allowed == "" {
		return true
	}
	if low, high, ok := strings.Cut(p.allowed, "-"); ok && p.kind == "integer" {
		least, err1 := strconv.Atoi(low)
		most, err2 := strconv.Atoi(high)
		n, err3 := strconv.Atoi(value)
		return err1 == nil && err2 == nil && err3 == nil && least <= n && n <= most
	}
	return slices.Contains(strings.Split(p.allowed, ","), value)
}

func describeParameters(c *call) *Error {
	g, refused := c.group()
	if refused != nil {
		return refused
	}
	page, refused := newListing(c)
	if refused != nil {
		return refused
	}
	source := c.params["Source"]
	filters, refused := c.params.filters("parameter-name")
	if refused != nil {
		return refused
	}
	c.out.raw("<Parameters>")
	for _, p := range parametersOf(engineOfFamily(g.Family)) {
		value, from := g.valueOf(p)
		if p.name <= page.from || source != "" && source != from || !oneOf(filters, "parameter-name", p.name) {
			continue
		}
		if !page.take(p.name) {
			break
		}
		c.writeParameter(p, value, from)
	}
	c.out.raw("</Parameters>")
	page.marker(&c.out)
	return nil
}

// valueOf tells the value that a group gives a parameter, and where it comes from: user, system or engine-default.
func (g *group) valueOf(p parameter) (value, source string) {
	if v, ok := g.Values[p.name]; ok {
		return v, "user"
	}
	if p.value != "" {
		return p.value, "system"
	}
	return "", "engine-default"
}

func (c *call) writeParameter(p parameter, value, source string) {
	w := &c.out
	apply, method := "dynamic", "immediate"
	if p.static {
		apply, method = "static", "pending-reboot"
	}
	w.raw("<Parameter>")
	w.text("ParameterName", p.name)
	w.str("ParameterValue", value)
	w.text("Description", p.about)
	w.text("Source", source)
	w.text("ApplyType", apply)
	w.text("DataType", p.kind)
	w.str("AllowedValues", p.allowed)
	w.bool("IsModifiable", !p.fixed)
	w.text("ApplyMethod", method)
	w.raw("</Parameter>")
}

// maxParameters is how many parameters one call may change.
const maxParameters = 20

// setting is one parameter of a request that changes a group.
type setting struct{ name, value, method string }

func (c *call) settings() []setting {
	var out []setting
	for _, item := range []string{"Parameters.Parameter.", "Parameters.member."} {
		for n := 1; ; n++ {
			prefix := item + strconv.Itoa(n)
			name, ok := c.params[prefix+".ParameterName"]
			if !ok {
				break
			}
			out = append(out, setting{name, c.params[prefix+".ParameterValue"], c.params[prefix+".ApplyMethod"]})
		}
	}
	return out
}

// judgeSettings refuses settings that the family does not allow; resetting needs no value.
func judgeSettings(g *group, settings []setting, reset bool) *Error {
	if len(settings) > maxParameters {
		return invalidValue("Cannot modify more than %d parameters in one call.", maxParameters)
	}
	known := parametersOf(engineOfFamily(g.Family))
	for _, s := range settings {
		at := slices.IndexFunc(known, func(p parameter) bool { return p.name == s.name })
		switch {
		case at < 0:
			return invalidValue("Could not find parameter with name: %s", s.name)
		case known[at].fixed:
			return invalidValue("The parameter %s cannot be modified.", s.name)
		case s.method != "immediate" && s.method != "pending-reboot":
			return invalidValue("The apply method of %s must be immediate or pending-reboot.", s.name)
		case s.method == "immediate" && known[at].static:
			return invalidCombination("cannot use immediate apply method for static parameter")
		case !reset && !known[at].allows(s.value):
			return invalidValue("Invalid parameter value: %s for: %s allowed values are: %s", s.value, s.name, known[at].allowed)
		}
	}
	return nil
}

func modifyGroup(c *call) *Error {
	g, refused := c.customGroup()
	if refused != nil {
		return refused
	}
	settings := c.settings()
	if len(settings) == 0 {
		return missingParameter("Parameters")
	}
	if refused := judgeSettings(g, settings, false); refused != nil {
		return refused
	}
	for _, s := range settings {
		g.Values[s.name] = s.value
	}
	c.parametersChanged(g, settings)
	c.out.text("DBClusterParameterGroupName", g.Name)
	return nil
}

func resetGroup(c *call) *Error {
	g, refused := c.customGroup()
	if refused != nil {
		return refused
	}
	all, refused := c.flag("ResetAllParameters")
	if refused != nil {
		return refused
	}
	settings := c.settings()
	switch {
	case all && len(settings) > 0:
		return invalidCombination("Parameters cannot be specified when ResetAllParameters is true.")
	case all:
		for name := range g.Values {
			settings = append(settings, setting{name: name, method: "pending-reboot"})
		}
	case len(settings) == 0:
		return missingParameter("Parameters")
	}
	if !all {
		if refused := judgeSettings(g, settings, true); refused != nil {
			return refused
		}
	}
	for _, s := range settings {
		delete(g.Values, s.name)
	}
	c.parametersChanged(g, settings)
	c.out.text("DBClusterParameterGroupName", g.Name)
	return nil
}

// parametersChanged makes the instances of every cluster that uses the group notice: what applies at once is effective,
// anything else waits for a reboot.
func (c *call) parametersChanged(g *group, settings []setting) {
	c.wrote("cluster-pg", g.Name)
	reboot := slices.ContainsFunc(settings, func(s setting) bool { return s.method == "pending-reboot" })
	for _, cl := range c.region.clusters.all() {
		if !strings.EqualFold(cl.ParameterGroup, g.Name) {
			continue
		}
		for i := range cl.Members {
			if reboot {
				cl.Members[i].ParameterStatus = "pending-reboot"
			} else if in, ok := c.region.instances.get(cl.Members[i].ID); ok {
				in.AuditLog = c.region.auditParameter(cl)
			}
		}
	}
}
