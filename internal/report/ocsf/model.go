package ocsf

import "encoding/json"

// As much of the OCSF 1.6.0 class Compliance Finding as is written, and the
// numbers that its enumerations give to words.
const (
	version       = "1.6.0"
	categoryUID   = 2    // Findings
	classUID      = 2003 // Compliance Finding
	activityID    = 1    // Create
	typeUID       = classUID*100 + activityID
	analyticRule  = 1
	accountAWS    = 10
	statusNew     = 1
	statusSilent  = 3 // Suppressed
	statusDone    = 4 // Resolved
	complyUnknown = 0
	complyPass    = 1
	complyWarning = 2
	complyFail    = 3
)

type event struct {
	ActivityID   int            `json:"activity_id"`
	ActivityName string         `json:"activity_name"`
	CategoryUID  int            `json:"category_uid"`
	CategoryName string         `json:"category_name"`
	ClassUID     int            `json:"class_uid"`
	ClassName    string         `json:"class_name"`
	TypeUID      int            `json:"type_uid"`
	TypeName     string         `json:"type_name"`
	Time         int64          `json:"time"` // milliseconds since 1970
	SeverityID   int            `json:"severity_id"`
	Severity     string         `json:"severity"`
	StatusID     int            `json:"status_id"`
	Status       string         `json:"status"`
	StatusCode   string         `json:"status_code,omitempty"`
	StatusDetail string         `json:"status_detail,omitempty"`
	Message      string         `json:"message"`
	FindingInfo  findingInfo    `json:"finding_info"`
	Compliance   compliance     `json:"compliance"`
	Resources    []resourceInfo `json:"resources"`
	Cloud        cloud          `json:"cloud"`
	Remediation  *remediation   `json:"remediation,omitempty"`
	Metadata     metadata       `json:"metadata"`
	Unmapped     map[string]any `json:"unmapped,omitempty"`
}

type findingInfo struct {
	UID         string    `json:"uid"`
	Title       string    `json:"title"`
	Desc        string    `json:"desc,omitempty"`
	Types       []string  `json:"types,omitempty"`
	CreatedTime int64     `json:"created_time"`
	Analytic    *analytic `json:"analytic,omitempty"`
}

type analytic struct {
	UID    string `json:"uid"`
	Name   string `json:"name,omitempty"`
	TypeID int    `json:"type_id"`
	Type   string `json:"type"`
}

type compliance struct {
	Control       string     `json:"control,omitempty"`
	Desc          string     `json:"desc,omitempty"`
	Category      string     `json:"category,omitempty"`
	Standards     []string   `json:"standards"`
	Requirements  []string   `json:"requirements,omitempty"`
	Parameters    []keyValue `json:"control_parameters,omitempty"`
	StatusID      int        `json:"status_id"`
	Status        string     `json:"status"`
	StatusCode    string     `json:"status_code,omitempty"`
	StatusDetails []string   `json:"status_details,omitempty"`
}

type keyValue struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type resourceInfo struct {
	UID       string                     `json:"uid,omitempty"`
	Name      string                     `json:"name,omitempty"`
	Type      string                     `json:"type,omitempty"`
	Region    string                     `json:"region,omitempty"`
	Partition string                     `json:"cloud_partition,omitempty"`
	Data      map[string]json.RawMessage `json:"data,omitempty"`
}

type cloud struct {
	Provider string   `json:"provider"`
	Account  *account `json:"account,omitempty"`
	Region   string   `json:"region,omitempty"`
}

type account struct {
	UID    string `json:"uid"`
	TypeID int    `json:"type_id"`
	Type   string `json:"type"`
}

type remediation struct {
	Desc       string   `json:"desc"`
	References []string `json:"references,omitempty"`
}

type metadata struct {
	Version   string   `json:"version"`
	Product   product  `json:"product"`
	Profiles  []string `json:"profiles"`
	EventCode string   `json:"event_code,omitempty"`
}

type product struct {
	Name       string `json:"name"`
	VendorName string `json:"vendor_name"`
	Version    string `json:"version,omitempty"`
}
