package lab

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// stsService tells callers who they are and lends them roles.
func stsService() service {
	return service{
		protocol: queryProtocol{version: "2011-06-15", namespace: "https://sts.amazonaws.com/doc/2011-06-15/"},
		operations: map[string]operation{
			"AssumeRole":        assumeRole,
			"GetCallerIdentity": callerIdentity,
		},
	}
}

func callerIdentity(c *call) *Error {
	w := &c.out
	w.text("Arn", c.who.arn(c.scope.region))
	w.text("UserId", c.who.userID())
	w.text("Account", c.who.account)
	return nil
}

func assumeRole(c *call) *Error {
	arn, refused := c.params.required("RoleArn")
	if refused != nil {
		return refused
	}
	name, refused := c.params.required("RoleSessionName")
	if refused != nil {
		return refused
	}
	seconds, refused := c.params.between("DurationSeconds", 900, 43200)
	if refused != nil {
		return refused
	}
	duration := time.Hour
	if seconds != nil {
		duration = time.Duration(*seconds) * time.Second
	}
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[2] != "iam" || !strings.HasPrefix(parts[5], "role/") {
		return refuse(http.StatusBadRequest, "ValidationError", "%s is invalid", arn)
	}
	if !c.mayAssume(parts[4], parts[5]) {
		return refuse(http.StatusForbidden, "AccessDenied", "User: %s is not authorized to perform: sts:AssumeRole on resource: %s",
			c.who.arn(c.scope.region), arn)
	}
	role := parts[5][strings.LastIndexByte(parts[5], '/')+1:]
	s := session{Account: parts[4], Role: role, Name: name, Expires: c.now.Add(duration).Truncate(time.Second)}
	p := principal{account: s.Account, session: &s}
	w := &c.out
	w.raw("<AssumedRoleUser>")
	w.text("AssumedRoleId", p.userID())
	w.text("Arn", p.arn(c.scope.region))
	w.raw("</AssumedRoleUser><Credentials>")
	w.text("AccessKeyId", "ASIA"+keyPrefix+s.Account)
	w.text("SecretAccessKey", "lab-secret")
	w.text("SessionToken", s.token())
	w.time("Expiration", s.Expires)
	w.raw("</Credentials>")
	return nil
}

// mayAssume tells whether the caller may assume a role, given as role/path/name. AWS gives the same answer for a role
// that does not exist, one that does not trust the caller, and a wrong external id.
func (c *call) mayAssume(account, role string) bool {
	a, ok := c.lab.world.account(account)
	if !ok {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.roles) == 0 {
		return true
	}
	r, ok := a.roles[role[strings.LastIndexByte(role, '/')+1:]]
	return ok && (r.ExternalID == "" || r.ExternalID == c.params["ExternalId"]) &&
		(len(r.Trusted) == 0 || slices.Contains(r.Trusted, c.who.account))
}
