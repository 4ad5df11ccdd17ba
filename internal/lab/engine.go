package lab

import "strings"

// engineFacts are what differs between the engines that share the RDS control plane.
type engineFacts struct {
	version  string   // of a new cluster when none is asked for
	port     int      // default port
	logs     []string // log types that can be exported to CloudWatch Logs
	master   bool     // a new cluster needs a master user
	inherits bool     // a restored cluster keeps the backup retention of its source; Neptune always starts at 1 day
	windowed bool     // a Multi-AZ DB cluster: changes wait for the maintenance window unless applied immediately
	class    string   // usual instance class
	host     string   // service part of the endpoint name
}

// engine tells what is known of an engine, and whether clusters of it exist.
func engine(name string) (engineFacts, bool) {
	switch name {
	case "neptune":
		return engineFacts{version: "1.3.4.0", port: 8182, logs: []string{"audit", "slowquery"},
			class: "db.r6g.large", host: "neptune"}, true
	case "docdb":
		return engineFacts{version: "5.0.0", port: 27017, logs: []string{"audit", "profiler"},
			master: true, class: "db.r6g.large", host: "docdb"}, true
	case "aurora-mysql":
		return engineFacts{version: "8.0.mysql_aurora.3.08.2", port: 3306,
			logs:   []string{"audit", "error", "general", "iam-db-auth-error", "instance", "slowquery"},
			master: true, inherits: true, class: "db.r6g.large", host: "rds"}, true
	case "aurora-postgresql":
		return engineFacts{version: "16.6", port: 5432, logs: []string{"iam-db-auth-error", "instance", "postgresql"},
			master: true, inherits: true, class: "db.r6g.large", host: "rds"}, true
	case "mysql":
		return engineFacts{version: "8.0.40", port: 3306, logs: []string{"error", "general", "iam-db-auth-error", "slowquery"},
			master: true, inherits: true, windowed: true, class: "db.r6gd.large", host: "rds"}, true
	case "postgres":
		return engineFacts{version: "16.6", port: 5432, logs: []string{"iam-db-auth-error", "postgresql", "upgrade"},
			master: true, inherits: true, windowed: true, class: "db.r6gd.large", host: "rds"}, true
	}
	return engineFacts{}, false
}

// family is the parameter group family of an engine version, such as neptune1.3 or aurora-postgresql16.
func family(engine, version string) string {
	major, rest, _ := strings.Cut(version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	switch engine {
	case "neptune":
		if major == "1" && (minor == "0" || minor == "1") {
			return "neptune1"
		}
		return "neptune" + major + "." + minor
	case "aurora-postgresql", "postgres":
		return engine + major
	}
	return engine + major + "." + minor
}

// engineOfFamily names the engine of a parameter group family, or nothing for a family that does not exist.
func engineOfFamily(family string) string {
	name := strings.TrimRight(family, "0123456789.")
	if _, ok := engine(name); !ok || name == family {
		return ""
	}
	return name
}
