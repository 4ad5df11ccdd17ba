package asff

// As much of the AWS Security Finding Format as is written. The greatest
// lengths are those of the format's reference.
const (
	schemaVersion     = "2018-10-08"
	maxTitle          = 256
	maxDescription    = 1024
	maxRecommendation = 512
	maxNote           = 512
	maxFields         = 50 // entries of ProductFields and of Details.Other
	maxFieldKey       = 128
	maxFieldValue     = 2048
	maxOther          = 1024 // characters of a value in Details.Other
	maxRequirements   = 32
	maxID             = 512
)

type document struct {
	SchemaVersion         string
	ID                    string `json:"Id"`
	ProductARN            string `json:"ProductArn"`
	ProductName           string
	CompanyName           string
	Region                string
	GeneratorID           string `json:"GeneratorId"`
	AccountID             string `json:"AwsAccountId"`
	Types                 []string
	CreatedAt             string
	UpdatedAt             string
	Severity              severity
	Title                 string
	Description           string
	Remediation           *remediation      `json:",omitempty"`
	ProductFields         map[string]string `json:",omitempty"`
	Resources             []resourceRef
	Compliance            compliance
	Workflow              workflow
	RecordState           string
	Note                  *note `json:",omitempty"`
	FindingProviderFields providerFields
}

type severity struct {
	Label    string
	Original string `json:",omitempty"`
}

type remediation struct {
	Recommendation recommendation
}

type recommendation struct {
	Text string `json:",omitempty"`
	URL  string `json:"Url,omitempty"`
}

type resourceRef struct {
	Type      string
	ID        string `json:"Id"`
	Partition string
	Region    string
	Details   *details `json:",omitempty"`
}

type details struct {
	Other map[string]string
}

type compliance struct {
	Status                    string
	SecurityControlID         string         `json:"SecurityControlId,omitempty"`
	AssociatedStandards       []standard     `json:",omitempty"`
	RelatedRequirements       []string       `json:",omitempty"`
	SecurityControlParameters []parameter    `json:",omitempty"`
	StatusReasons             []statusReason `json:",omitempty"`
}

type standard struct {
	StandardsID string `json:"StandardsId"`
}

type parameter struct {
	Name  string
	Value []string
}

type statusReason struct {
	ReasonCode  string
	Description string `json:",omitempty"`
}

type workflow struct {
	Status string
}

type note struct {
	Text      string
	UpdatedBy string
	UpdatedAt string
}

type providerFields struct {
	Severity severity
	Types    []string
}

// standardsID names a standard as Security Hub does; a name that it does not
// know stays as it is.
func standardsID(name string) string {
	switch name {
	case "FSBP":
		return "standards/aws-foundational-security-best-practices/v/1.0.0"
	case "NIST-800-53-r5":
		return "standards/nist-800-53/v/5.0.0"
	case "NIST-800-171-r2":
		return "standards/nist-800-171/v/2.0.0"
	case "PCI-DSS-3.2.1":
		return "standards/pci-dss/v/3.2.1"
	case "PCI-DSS-4.0.1":
		return "standards/pci-dss/v/4.0.1"
	case "CIS-1.2":
		return "ruleset/cis-aws-foundations-benchmark/v/1.2.0"
	case "CIS-1.4":
		return "standards/cis-aws-foundations-benchmark/v/1.4.0"
	case "CIS-3.0":
		return "standards/cis-aws-foundations-benchmark/v/3.0.0"
	case "CIS-5.0":
		return "standards/cis-aws-foundations-benchmark/v/5.0.0"
	case "TAGGING":
		return "standards/aws-resource-tagging-standard/v/1.0.0"
	default:
		return name
	}
}
