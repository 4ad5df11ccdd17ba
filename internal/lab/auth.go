package lab

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

const keyPrefix = "LAB0"

// AccessKey is the access key of the user "lab" of an account. The secret does not matter: signatures are not checked.
func AccessKey(account string) string { return "AKIA" + keyPrefix + account }

// scope is what the signature of a request tells.
type scope struct {
	key, region, service, token string
}

// principal is who makes a call.
type principal struct {
	account string
	session *session // nil for a user
}

// session is what a session token of the lab carries. It is kept in the token and not in the lab, so that a long run
// does not grow it.
type session struct {
	Account string    `json:"a"`
	Role    string    `json:"r"`
	Name    string    `json:"n"`
	Expires time.Time `json:"e"`
}

func (s session) token() string {
	data, err := json.Marshal(s)
	if err != nil {
		panic(err) // strings and a time always marshal
	}
	return base64.RawURLEncoding.EncodeToString(data)
}

// arn names the caller as IAM does.
func (p principal) arn(region string) string {
	if p.session != nil {
		return "arn:" + partitionOf(region) + ":sts::" + p.account + ":assumed-role/" + p.session.Role + "/" + p.session.Name
	}
	return "arn:" + partitionOf(region) + ":iam::" + p.account + ":user/lab"
}

// userID is the unique id of the caller, the middle part of GetCallerIdentity's answer.
func (p principal) userID() string {
	if p.session != nil {
		return "AROA" + strings.ToUpper(letters(p.account+p.session.Role, 16)) + ":" + p.session.Name
	}
	return "AIDA" + strings.ToUpper(letters(p.account, 16))
}

// scopeOf reads the credential scope of a request: Credential=<key>/<date>/<region>/<service>/aws4_request.
func scopeOf(r *http.Request) (scope, *Error) {
	s := scope{token: r.Header.Get("X-Amz-Security-Token")}
	credential := ""
	if header := r.Header.Get("Authorization"); header != "" {
		rest, ok := strings.CutPrefix(header, "AWS4-HMAC-SHA256")
		if !ok {
			return s, incomplete("Authorization header requires 'AWS4-HMAC-SHA256' as its algorithm.")
		}
		var signed, signature bool
		for part := range strings.SplitSeq(rest, ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			switch name {
			case "Credential":
				credential = value
			case "SignedHeaders":
				signed = value != ""
			case "Signature":
				signature = value != ""
			}
		}
		switch {
		case credential == "":
			return s, incomplete("Authorization header requires 'Credential' parameter.")
		case !signature:
			return s, incomplete("Authorization header requires 'Signature' parameter.")
		case !signed:
			return s, incomplete("Authorization header requires 'SignedHeaders' parameter.")
		}
	} else if r.URL.RawQuery != "" {
		query := r.URL.Query()
		credential = query.Get("X-Amz-Credential")
		if s.token == "" {
			s.token = query.Get("X-Amz-Security-Token")
		}
	}
	if credential == "" {
		return s, refuse(http.StatusForbidden, "MissingAuthenticationToken", "Missing Authentication Token")
	}
	parts := strings.Split(credential, "/")
	if len(parts) != 5 || parts[4] != "aws4_request" {
		return s, incomplete("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '" + credential + "'")
	}
	s.key, s.region, s.service = parts[0], parts[2], parts[3]
	return s, nil
}

func incomplete(message string) *Error {
	return refuse(http.StatusBadRequest, "IncompleteSignature", "%s", message)
}

func invalidToken() *Error {
	return refuse(http.StatusForbidden, "InvalidClientTokenId", "The security token included in the request is invalid.")
}

func expiredToken() *Error {
	return refuse(http.StatusForbidden, "ExpiredToken", "The security token included in the request is expired")
}

// identify finds out who signed: a key made by AccessKey, a session made by AssumeRole, or the 12 digits of the account
// themselves in place of a key.
func identify(s scope, now time.Time) (principal, *Error) {
	if account, ok := strings.CutPrefix(s.key, "ASIA"+keyPrefix); ok {
		data, err := base64.RawURLEncoding.DecodeString(s.token)
		if err != nil {
			return principal{}, invalidToken()
		}
		var held session
		if json.Unmarshal(data, &held) != nil || held.Account != account {
			return principal{}, invalidToken()
		}
		p := principal{account: account, session: &held}
		if !now.Before(held.Expires) {
			return p, expiredToken()
		}
		return p, nil
	}
	account := strings.TrimPrefix(s.key, "AKIA"+keyPrefix)
	if len(account) != 12 || strings.Trim(account, "0123456789") != "" {
		return principal{}, invalidToken()
	}
	return principal{account: account}, nil
}
