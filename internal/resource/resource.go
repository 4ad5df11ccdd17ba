package resource

// Origin says where a resource or a property was read: in an account and
// region, or in a file at a line under an address.
type Origin struct {
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`    // first line, from 1
	EndLine int    `json:"endLine,omitempty"` // last line, inclusive
	// Column, from 1, tells places on one line apart where the source counts
	// columns. It is for programs that change the code and is not shown.
	Column int `json:"-"`
	// Lacks is the name of a field that the object at the place does not have,
	// which is why the value is what it is. It is for such programs too.
	Lacks   string `json:"-"`
	Address string `json:"address,omitempty"` // aws_neptune_cluster.main, or a CloudFormation logical id
	// Root is the directory of the root module that an address starts from,
	// where the file stands in another: several roots may call one module.
	Root string `json:"root,omitempty"`
	// Defined is the place that decides the value of a property, where the
	// property only refers to it: the default of a variable, a line of a
	// variables file, the argument of a module call.
	Defined *Origin `json:"defined,omitempty"`
}

// Ref names one resource without its properties.
type Ref struct {
	// Type is the CloudFormation name, for example AWS::Neptune::DBCluster.
	Type string `json:"type"`
	// ID is the identifier that people use: the cluster or snapshot name.
	ID string `json:"id"`
	// ARN is empty for resources in code that have none yet.
	ARN string `json:"arn,omitempty"`
	// UID survives a rename and differs after delete and re-create, for
	// example DbClusterResourceId. Empty where the service has none.
	UID       string `json:"uid,omitempty"`
	Account   string `json:"account,omitempty"`
	Region    string `json:"region,omitempty"`
	Partition string `json:"partition,omitempty"`
	Origin    Origin `json:"origin,omitzero"`
}

// Key identifies a resource across scans: its ARN when it has one, otherwise
// root directory, file and address.
func (r *Ref) Key() string {
	if r.ARN != "" {
		return r.ARN
	}
	if r.Origin.Root != "" {
		return r.Origin.Root + "#" + r.Origin.File + "#" + r.Origin.Address
	}
	return r.Origin.File + "#" + r.Origin.Address
}

// Resource is one thing in an account or in code.
type Resource struct {
	Ref
	// Properties holds what was read. A name that is not in the map was read
	// and is absent; what could not be read must be present as unknown.
	Properties map[string]Value `json:"properties"`
	// Where holds the origin of single properties where it differs from the
	// resource's own. Usually empty.
	Where map[string]Origin `json:"where,omitempty"`
	// Uncertain is set for a resource in code of which nobody can tell whether
	// it will be there, and says why.
	Uncertain *Missing `json:"uncertain,omitempty"`
	// Remarks are what somebody wrote at the resource, or at a module or stack
	// around it. FileRemarks are all that stand in the resource's file, its own
	// among them. Both may be shared and must not be changed. They are read
	// while the resource is judged and are never saved.
	Remarks     []Remark `json:"-"`
	FileRemarks []Remark `json:"-"`
}

// TagsProperty is the property under which every resource type keeps its tags.
const TagsProperty = "Tags"

// Get returns a property; the zero Value when it is absent.
func (r *Resource) Get(property string) Value { return r.Properties[property] }

// Tag returns the value of a tag, and whether the resource has it. An unknown
// tag set has no tags to show.
func (r *Resource) Tag(key string) (string, bool) {
	return r.Properties[TagsProperty].Fields()[key].Text()
}
