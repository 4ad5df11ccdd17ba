package lab

import (
	"net/http"
	"strings"
)

// Key is a KMS key. Every region has the AWS managed key alias/aws/rds.
type Key struct {
	ID       string // a UUID; derived from the alias unless set
	Alias    string // for instance alias/graph
	Disabled bool
	Managed  bool // by AWS
}

// AddKey puts a KMS key into the region and returns its ARN.
func (r *Region) AddKey(k Key) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	setDefault(&k.ID, uuidOf(r.account.ID+r.Name+k.Alias))
	r.keys = append(r.keys, k)
	return r.keyARN(k)
}

func (r *Region) keyARN(k Key) string { return r.kms() + "key/" + k.ID }

func (r *Region) kms() string { return strings.Replace(r.marks.arn, ":rds:", ":kms:", 1) }

// key finds a key by id, alias, or the ARN of either.
func (r *Region) key(name string) (Key, bool) {
	for _, k := range r.keys {
		if name == k.ID || name == k.Alias || name == r.keyARN(k) || k.Alias != "" && name == r.kms()+k.Alias {
			return k, true
		}
	}
	return Key{}, false
}

// usableKey finds the ARN of a key that can encrypt.
func (r *Region) usableKey(name string) (string, bool) {
	k, ok := r.key(name)
	if !ok || k.Disabled {
		return "", false
	}
	return r.keyARN(k), true
}

// kmsService tells which keys there are.
func kmsService() service {
	return service{
		protocol: jsonProtocol{version: "1.1", target: "TrentService"},
		operations: map[string]operation{
			"DescribeKey": inRegion(describeKey),
			"ListAliases": inRegion(listAliases),
		},
	}
}

func describeKey(c *call) *Error {
	id, refused := c.params.required("KeyId")
	if refused != nil {
		return refuse(http.StatusBadRequest, "ValidationException", "KeyId must not be null")
	}
	k, ok := c.region.key(id)
	if !ok {
		return refuse(http.StatusBadRequest, "NotFoundException", "Key '%s' does not exist", c.region.kms()+"key/"+id)
	}
	state, manager := "Enabled", "CUSTOMER"
	if k.Disabled {
		state = "Disabled"
	}
	if k.Managed {
		manager = "AWS"
	}
	c.json(map[string]any{"KeyMetadata": map[string]any{
		"AWSAccountId": c.account.ID, "KeyId": k.ID, "Arn": c.region.keyARN(k), "Enabled": !k.Disabled, "KeyState": state,
		"KeyManager": manager, "KeyUsage": "ENCRYPT_DECRYPT", "KeySpec": "SYMMETRIC_DEFAULT", "Origin": "AWS_KMS",
		"MultiRegion": false,
	}})
	return nil
}

func listAliases(c *call) *Error {
	list := []map[string]any{}
	for _, k := range c.region.keys {
		if k.Alias != "" {
			list = append(list, map[string]any{"AliasName": k.Alias, "AliasArn": c.region.kms() + k.Alias, "TargetKeyId": k.ID})
		}
	}
	c.json(map[string]any{"Aliases": list, "Truncated": false})
	return nil
}
