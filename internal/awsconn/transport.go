package awsconn

import (
	"io"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// httpClient gives up on a place that does not answer: a connection within
// five seconds, an attempt within the timeout.
func httpClient(timeout time.Duration) *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = 5 * time.Second }).
		WithTransportOptions(func(t *http.Transport) {
			t.ResponseHeaderTimeout = timeout
			t.MaxIdleConnsPerHost = 64
			t.MaxIdleConns = 512
		}).
		WithTimeout(timeout)
}

// PlainBodies wraps a client so that the answers of fast endpoints arrive whole;
// nil stands for the SDK's own client. Sessions do it by themselves. It is here
// for programs that speak to a lab with a client of their own.
func PlainBodies(next aws.HTTPClient) aws.HTTPClient {
	if next == nil {
		next = awshttp.NewBuildableClient()
	}
	return plainBodies{next}
}

// plainBodies is a client whose requests have bodies that can only be read.
//
// The SDK closes a request's body as soon as the answer begins. A body that
// can also write itself then reports its end a second time, which
// http.Transport takes for a broken request, and it cuts the connection in the
// middle of the answer. It is a race that only fast endpoints win, such as one
// on the same machine.
type plainBodies struct{ next aws.HTTPClient }

// Do implements aws.HTTPClient.
func (c plainBodies) Do(request *http.Request) (*http.Response, error) {
	if request.Body != nil && request.Body != http.NoBody {
		request = request.WithContext(request.Context()) // a copy
		request.Body = struct{ io.ReadCloser }{request.Body}
	}
	return c.next.Do(request)
}
