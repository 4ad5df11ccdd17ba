package lab

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// Options say how a lab behaves. The zero value serves a world with the one account 111122223333, in which changes
// settle at the next look.
type Options struct {
	World  *World
	Settle Settle
	// Record says what is kept of each call; the zero value keeps everything.
	Record Recording
	// Seed begins the random source of faults that strike with a probability.
	Seed uint64
	// Pause is waited before an answer of more than 4 kB, 1 ms unless set; negative for none. It stands for the network:
	// an SDK client closes its request body as soon as the first byte of the answer is there, and when that is before
	// its transport has looked for the end of that body, the transport takes it for a failed request and cuts the
	// connection in the middle of the answer. No real network is quick enough for that; the loopback is.
	Pause time.Duration
	// MaxBody is the largest request body in bytes that is read, 1 MiB unless set.
	MaxBody int64
}

// Lab is a running local AWS.
type Lab struct {
	// URL is the endpoint for every service, such as http://127.0.0.1:41235; empty for a lab that was not started.
	URL string

	world    *World
	settle   Settle
	pause    time.Duration
	maxBody  int64
	services map[string]service
	faults   faults
	record   record
	buffers  sync.Pool

	server *http.Server
	stop   func() bool // detaches the server from the context of Start
	done   chan error
}

// New makes a lab that is served by the caller, through Handler.
func New(o Options) *Lab {
	if o.World == nil {
		o.World = NewWorld(nil)
		o.World.Account("111122223333")
	}
	if o.MaxBody <= 0 {
		o.MaxBody = 1 << 20
	}
	if o.Pause == 0 {
		o.Pause = time.Millisecond
	}
	l := &Lab{world: o.World, settle: o.Settle, pause: o.Pause, maxBody: o.MaxBody, services: services()}
	l.faults.random = rand.New(rand.NewPCG(o.Seed, 1))
	l.record.what = o.Record
	l.record.counts = map[counted]int{}
	l.buffers.New = func() any { return &call{} }
	return l
}

// Start serves a lab on a free port of 127.0.0.1 until the context ends or Close is called.
func Start(ctx context.Context, o Options) (*Lab, error) {
	l := New(o)
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start lab: %w", err)
	}
	l.URL = "http://" + listener.Addr().String()
	l.server = &http.Server{
		Handler:           l,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      5 * time.Minute, // an injected latency must fit in
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
	l.done = make(chan error, 1)
	go func() { l.done <- l.server.Serve(listener) }()
	l.stop = context.AfterFunc(ctx, func() { _ = l.server.Close() }) // Close reports what Serve met
	return l, nil
}

// Close ends serving and cuts the connections that are open. It may be called more than once.
func (l *Lab) Close() error {
	if l.server == nil {
		return nil
	}
	l.stop()
	if err := l.server.Close(); err != nil {
		return fmt.Errorf("close lab: %w", err)
	}
	err, open := <-l.done
	if open {
		close(l.done)
	}
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve lab: %w", err)
	}
	return nil
}

// Handler serves the lab under a server of the caller's.
func (l *Lab) Handler() http.Handler { return l }

// World is the state that the lab serves.
func (l *Lab) World() *World { return l.world }

// Cluster returns a copy of a cluster as it is now.
func (l *Lab) Cluster(account, region, id string) (Cluster, bool) {
	return l.world.Account(account).Region(region).Cluster(id)
}

// Writes tells how often each writing operation took effect on the resource with this ARN.
func (l *Lab) Writes(arn string) map[string]int {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return nil
	}
	return l.world.Account(parts[4]).Region(parts[3]).Writes(arn)
}

// Env is what points an AWS client at the lab as a user of the account: NAME=value pairs. The region is the default
// one; files of the user and the instance metadata service are kept out.
func (l *Lab) Env(account, region string) []string {
	return []string{
		"AWS_ENDPOINT_URL=" + l.URL,
		"AWS_ACCESS_KEY_ID=" + AccessKey(account),
		"AWS_SECRET_ACCESS_KEY=lab-secret",
		"AWS_SESSION_TOKEN=",
		"AWS_REGION=" + region,
		"AWS_DEFAULT_REGION=" + region,
		"AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE=" + os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull,
	}
}
