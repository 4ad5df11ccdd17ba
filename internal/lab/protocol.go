package lab

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// protocol is how a service speaks: how a request names its operation, and the shape of answers and refusals.
type protocol interface {
	read(c *call, r *http.Request) *Error
	answer(c *call, op operation) *Error
	fail(c *call, e *Error)
	unknown(c *call) *Error
	translate(e *Error) *Error
	contentType() string
}

// queryProtocol is AWS's form-in, XML-out protocol.
type queryProtocol struct {
	version   string // of the API
	namespace string
}

func (q queryProtocol) contentType() string { return "text/xml" }

func (q queryProtocol) read(c *call, r *http.Request) *Error {
	var refused *Error
	if c.params, refused = parseForm(r.URL.RawQuery, c.body); refused != nil {
		return refused
	}
	c.operation = c.params["Action"]
	if c.operation == "" {
		return refuse(http.StatusBadRequest, "MissingAction", "Request is missing Action")
	}
	if v := c.params["Version"]; v != "" && v != q.version {
		return refuse(http.StatusBadRequest, "InvalidAction", "Could not find operation %s for version %s", c.operation, v)
	}
	return nil
}

func (q queryProtocol) answer(c *call, op operation) *Error {
	w := &c.out
	w.raw("<" + c.operation + `Response xmlns="` + q.namespace + `">`)
	before := len(w.buf)
	w.raw("<" + c.operation + "Result>")
	empty := len(w.buf)
	if refused := op(c); refused != nil {
		return refused
	}
	if len(w.buf) == empty {
		w.buf = w.buf[:before]
	} else {
		w.raw("</" + c.operation + "Result>")
	}
	w.raw("<ResponseMetadata><RequestId>" + c.id + "</RequestId></ResponseMetadata></" + c.operation + "Response>")
	return nil
}

func (q queryProtocol) fail(c *call, e *Error) {
	w := &c.out
	w.raw(`<ErrorResponse xmlns="` + q.namespace + `"><Error>`)
	if e.Status >= http.StatusInternalServerError {
		w.text("Type", "Receiver")
	} else {
		w.text("Type", "Sender")
	}
	w.text("Code", e.Code)
	w.text("Message", e.Message)
	w.raw("</Error><RequestId>" + c.id + "</RequestId></ErrorResponse>")
}

func (q queryProtocol) unknown(c *call) *Error {
	return refuse(http.StatusBadRequest, "InvalidAction", "Could not find operation %s for version %s", c.operation, q.version)
}

func (q queryProtocol) translate(e *Error) *Error { return e }

// ec2Protocol is the query protocol as EC2 speaks it: no result wrapper, other names for the common refusals.
type ec2Protocol struct{ queryProtocol }

func (p ec2Protocol) answer(c *call, op operation) *Error {
	w := &c.out
	w.raw("<" + c.operation + `Response xmlns="` + p.namespace + `"><requestId>` + c.id + "</requestId>")
	if refused := op(c); refused != nil {
		return refused
	}
	w.raw("</" + c.operation + "Response>")
	return nil
}

func (p ec2Protocol) fail(c *call, e *Error) {
	w := &c.out
	w.raw("<Response><Errors><Error>")
	w.text("Code", e.Code)
	w.text("Message", e.Message)
	w.raw("</Error></Errors><RequestID>" + c.id + "</RequestID></Response>")
}

func (p ec2Protocol) unknown(c *call) *Error {
	return refuse(http.StatusBadRequest, "InvalidAction", "The action %s is not valid for this web service.", c.operation)
}

func (p ec2Protocol) translate(e *Error) *Error {
	const auth = "AWS was not able to validate the provided access credentials"
	switch e.Code {
	case "InvalidClientTokenId", "MissingAuthenticationToken", "IncompleteSignature":
		return &Error{Status: http.StatusUnauthorized, Code: "AuthFailure", Message: auth}
	case "ExpiredToken":
		return &Error{Status: http.StatusBadRequest, Code: "RequestExpired", Message: "Request has expired."}
	case "Throttling":
		return &Error{Status: http.StatusServiceUnavailable, Code: "RequestLimitExceeded", Message: "Request limit exceeded."}
	case "AccessDenied":
		return &Error{Status: http.StatusForbidden, Code: "UnauthorizedOperation",
			Message: "You are not authorized to perform this operation. " + e.Message}
	case "InternalFailure":
		return &Error{Status: e.Status, Code: "InternalError", Message: "An internal error has occurred"}
	}
	return e
}

// jsonProtocol is AWS's JSON protocol, version 1.0 or 1.1.
type jsonProtocol struct {
	version string
	target  string // service part of X-Amz-Target
}

func (j jsonProtocol) contentType() string { return "application/x-amz-json-" + j.version }

func (j jsonProtocol) read(c *call, r *http.Request) *Error {
	service, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if service != j.target || operation == "" {
		return refuse(http.StatusBadRequest, "UnknownOperationException", "X-Amz-Target %q is not known", r.Header.Get("X-Amz-Target"))
	}
	c.operation = operation
	var members map[string]any
	if err := json.Unmarshal(c.body, &members); err != nil {
		return refuse(http.StatusBadRequest, "SerializationException", "The request body is not a JSON object")
	}
	c.params = params{}
	for name, v := range members {
		if text, ok := v.(string); ok {
			c.params[name] = text
		} else {
			c.params[name] = fmt.Sprint(v)
		}
	}
	return nil
}

func (j jsonProtocol) answer(c *call, op operation) *Error { return op(c) }

func (j jsonProtocol) fail(c *call, e *Error) {
	c.json(map[string]string{"__type": e.Code, "message": e.Message})
}

func (j jsonProtocol) unknown(c *call) *Error {
	return refuse(http.StatusBadRequest, "UnknownOperationException", "The operation %s is not known", c.operation)
}

func (j jsonProtocol) translate(e *Error) *Error {
	renamed := map[string]string{
		"InvalidClientTokenId":       "UnrecognizedClientException",
		"MissingAuthenticationToken": "MissingAuthenticationTokenException",
		"IncompleteSignature":        "IncompleteSignatureException",
		"ExpiredToken":               "ExpiredTokenException",
		"Throttling":                 "ThrottlingException",
		"AccessDenied":               "AccessDeniedException",
	}
	if code, ok := renamed[e.Code]; ok {
		return &Error{Status: http.StatusBadRequest, Code: code, Message: e.Message}
	}
	return e
}

// json writes a JSON answer.
func (c *call) json(v any) {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // the lab marshals only its own maps of strings
	}
	c.out.buf = append(c.out.buf, data...)
}

// fallback is the protocol in which a request is refused whose service is not known yet.
func fallback(r *http.Request) protocol {
	if r.Header.Get("X-Amz-Target") != "" {
		return jsonProtocol{version: "1.1"}
	}
	return queryProtocol{}
}
