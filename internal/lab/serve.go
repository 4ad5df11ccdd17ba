package lab

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"
)

// call is one request being answered. It is used again for later requests.
type call struct {
	lab       *Lab
	id        string // request id
	scope     scope
	who       principal
	account   *Account
	region    *Region
	operation string
	params    params
	body      []byte
	agent     string
	now       time.Time
	strike    strike // what goes wrong with this call
	out       xmlWriter
	protocol  protocol
	header    map[string]string // further headers of the answer
}

// ServeHTTP answers one request to any service.
func (l *Lab) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := l.buffers.Get().(*call)
	*c = call{lab: l, body: c.body[:0], out: xmlWriter{buf: c.out.buf[:0]}, agent: r.UserAgent(),
		id: l.record.nextID(), now: l.world.clock()}
	defer l.buffers.Put(c)

	refused := c.accept(w, r)
	if refused == nil {
		c.strike = l.faults.pick(c)
		if !sleep(r.Context(), c.strike.latency) {
			panic(http.ErrAbortHandler) // the client has gone
		}
		refused = c.run()
	}
	status := http.StatusOK
	code := ""
	if refused != nil {
		c.out.buf = c.out.buf[:0]
		refused = c.protocol.translate(refused)
		c.protocol.fail(c, refused)
		status, code = refused.Status, refused.Code
	}
	c.reply(w, status, code)
}

// reply records the call and sends its answer, as far as no fault keeps it back.
func (c *call) reply(w http.ResponseWriter, status int, code string) {
	switch c.strike.effect {
	case CutBefore, CutAfter:
		c.lab.record.add(c, 0, "")
		panic(http.ErrAbortHandler)
	case Garbage:
		c.out.buf = append(c.out.buf[:0], "<html><body>Bad gateway\x00 <DBClusters><DBCluster>"...)
	}
	c.lab.record.add(c, status, code)
	if len(c.out.buf) > 4<<10 {
		time.Sleep(max(0, c.lab.pause))
	}
	header := w.Header()
	header["Content-Type"] = []string{c.protocol.contentType()}
	header["X-Amzn-Requestid"] = []string{c.id}
	header["Content-Length"] = []string{strconv.Itoa(len(c.out.buf))}
	if code != "" {
		header["X-Amzn-Errortype"] = []string{code}
	}
	for name, value := range c.header {
		header[name] = []string{value}
	}
	w.WriteHeader(status)
	if c.strike.effect == CutMiddle {
		_, _ = w.Write(c.out.buf[:len(c.out.buf)/2]) // the connection is about to be cut
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(c.out.buf) // a client that has gone is no error of the lab
}

// accept reads a request as far as the operation is known: body, signature, protocol, parameters, caller, region.
func (c *call) accept(w http.ResponseWriter, r *http.Request) *Error {
	c.protocol = fallback(r)
	var tooLarge *http.MaxBytesError
	body := http.MaxBytesReader(w, r.Body, c.lab.maxBody)
	var err error
	if c.body, err = readAll(body, c.body); errors.As(err, &tooLarge) {
		return refuse(http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "Request body exceeds %d bytes", tooLarge.Limit)
	} else if err != nil {
		return refuse(http.StatusBadRequest, "RequestTimeout", "The request body could not be read: %s", err)
	}
	var refused *Error
	if c.scope, refused = scopeOf(r); refused != nil {
		return refused
	}
	s, served := c.lab.services[c.scope.service]
	if !served {
		return refuse(http.StatusBadRequest, "InvalidAction", "The lab does not serve %q", c.scope.service)
	}
	c.protocol = s.protocol
	if refused = c.protocol.read(c, r); refused != nil {
		return refused
	}
	if c.who, refused = identify(c.scope, c.now); refused != nil {
		return refused
	}
	known := false
	if c.account, known = c.lab.world.account(c.who.account); !known {
		return invalidToken()
	}
	return c.enter()
}

// enter finds the region that the request was signed for.
func (c *call) enter() *Error {
	region, known := c.account.existing(c.scope.region)
	if !known {
		if !validRegion(c.scope.region) {
			return refuse(http.StatusBadRequest, "SignatureDoesNotMatch", "Credential should be scoped to a valid region.")
		}
		if needsOptIn(c.scope.region) {
			return invalidToken()
		}
		region = c.account.Region(c.scope.region)
	} else if !c.account.enabled(region.Name) {
		return invalidToken()
	}
	c.region = region
	return nil
}

// run carries the operation out, unless a fault refuses it first.
func (c *call) run() *Error {
	if c.strike.effect == CutBefore {
		return nil
	}
	if c.strike.refusal != nil {
		return c.strike.refusal
	}
	op, ok := c.lab.services[c.scope.service].operations[c.operation]
	if !ok {
		return c.protocol.unknown(c)
	}
	return c.protocol.answer(c, op)
}

// readAll reads into a buffer that may be used again.
func readAll(r io.Reader, buf []byte) ([]byte, error) {
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return buf, err
		}
	}
}
