package moto

import (
	"bufio"
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Credentials that moto accepts. It checks none, but every AWS client wants some.
const (
	AccessKeyID     = "testing"
	SecretAccessKey = "testing"
	SessionToken    = "testing"
)

// HomeRegion holds most of what [Server.Seed] makes, and is the default region of [Server.Env].
const HomeRegion = "eu-central-1"

const (
	// venv is where `make venv` puts Python, from the module's root.
	venv = ".cache/venv"

	// startLimit and callLimit are far above what a busy machine needs: the server starts in about a second
	// and seeding takes about ten.
	startLimit = 2 * time.Minute
	callLimit  = 5 * time.Minute
)

//go:embed *.py
var programs embed.FS

//go:embed requirements.txt
var requirements []byte

// awsCommand stands before the AWS CLI on PATH. Version 1 of the CLI swaps the endpoint of RDS and Neptune in
// us-east-1 for one on the internet, whatever AWS_ENDPOINT_URL says; it obeys the flag.
const awsCommand = `#!/bin/sh
exec %q --endpoint-url "$AWS_ENDPOINT_URL" "$@"
`

// Server is a running moto server. Its account is 123456789012 and belongs to one test.
type Server struct {
	// Endpoint is the base URL for every service, for example "http://127.0.0.1:40123".
	Endpoint string

	python string // the interpreter of the Python environment
	home   string // HOME of every program that is run, and where the programs are
}

// Start runs a moto server with an empty account until the test ends. It fails the test, with the command that
// makes it, where the Python environment is missing or was made for other versions than requirements.txt pins.
func Start(tb testing.TB) *Server {
	tb.Helper()
	root, err := moduleRoot()
	if err != nil {
		tb.Fatal(err)
	}
	if err := checkVenv(filepath.Join(root, venv)); err != nil {
		tb.Fatal(err)
	}
	bin := filepath.Join(root, venv, "bin")
	s := &Server{python: filepath.Join(bin, "python"), home: tb.TempDir()}
	if err := s.writePrograms(filepath.Join(bin, "aws")); err != nil {
		tb.Fatalf("write the programs that talk to moto: %v", err)
	}
	if err := s.serve(tb); err != nil {
		tb.Fatalf("start moto: %v", err)
	}
	return s
}

// Env is a whole environment for a program that is to use this server: credentials, endpoint, the home region,
// an empty HOME, and of the present environment nothing but PATH, on which "aws" is the AWS CLI. Settings in
// extra ("KEY=value") win.
func (s *Server) Env(extra ...string) []string {
	env := []string{
		"PATH=" + s.commands() + string(os.PathListSeparator) + os.Getenv("PATH"),
		"HOME=" + s.home,
		"AWS_ACCESS_KEY_ID=" + AccessKeyID,
		"AWS_SECRET_ACCESS_KEY=" + SecretAccessKey,
		"AWS_SESSION_TOKEN=" + SessionToken,
		"AWS_ENDPOINT_URL=" + s.Endpoint,
		"AWS_REGION=" + HomeRegion,
		"AWS_DEFAULT_REGION=" + HomeRegion,
		"AWS_EC2_METADATA_DISABLED=true",
		"AWS_PAGER=",
		"NO_PROXY=127.0.0.1",
		"PYTHONDONTWRITEBYTECODE=1",
	}
	return append(env, extra...)
}

// Seed fills the account: 250 Neptune clusters of every sort in [HomeRegion], Aurora clusters beside them, some
// of both in three more regions, manual snapshots in every state of sharing, and parameter groups. It returns
// what boto3 then reads.
func (s *Server) Seed(tb testing.TB) Truth {
	tb.Helper()
	return s.truth(tb, "seed.py")
}

// ReadBack returns what boto3 reads now.
func (s *Server) ReadBack(tb testing.TB) Truth {
	tb.Helper()
	return s.truth(tb, "readback.py")
}

// AWS runs the AWS CLI with args against the server and returns its JSON output.
func (s *Server) AWS(tb testing.TB, args ...string) []byte {
	tb.Helper()
	return s.run(tb, s.aws(), append(args, "--output", "json")...)
}

func (s *Server) commands() string { return filepath.Join(s.home, "bin") }

func (s *Server) aws() string { return filepath.Join(s.commands(), "aws") }

func (s *Server) writePrograms(cli string) error {
	if err := os.CopyFS(s.home, programs); err != nil {
		return err
	}
	if err := os.Mkdir(s.commands(), 0o755); err != nil {
		return err
	}
	return os.WriteFile(s.aws(), fmt.Appendf(nil, awsCommand, cli), 0o755)
}

func (s *Server) truth(tb testing.TB, program string) Truth {
	tb.Helper()
	out := s.run(tb, s.python, filepath.Join(s.home, program))
	dec := json.NewDecoder(bytes.NewReader(out))
	dec.DisallowUnknownFields()
	var t Truth
	if err := dec.Decode(&t); err != nil {
		tb.Fatalf("decode the output of %s: %v", program, err)
	}
	return t
}

func (s *Server) run(tb testing.TB, command string, args ...string) []byte {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), callLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, command, args...)
	cmd.Env = s.Env()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		tb.Fatalf("%s %s: %v\n%s", filepath.Base(command), strings.Join(args, " "), err, stderr.Bytes())
	}
	return out
}

// serve starts the process and waits for its address. The process ends when its standard input closes, so it
// outlives neither the test nor a test binary that was killed.
func (s *Server) serve(tb testing.TB) error {
	cmd := exec.Command(s.python, filepath.Join(s.home, "serve.py"))
	cmd.Env = s.Env()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	tooLate := time.AfterFunc(startLimit, func() { _ = cmd.Process.Kill() })
	address, err := bufio.NewReader(stdout).ReadString('\n')
	if !tooLate.Stop() || err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return fmt.Errorf("no address from serve.py: %w\n%s", err, stderr.Bytes())
	}
	s.Endpoint = strings.TrimSpace(address)
	tb.Cleanup(func() { stop(tb, cmd, stdin, &stderr) })
	return nil
}

func stop(tb testing.TB, cmd *exec.Cmd, stdin io.Closer, stderr *bytes.Buffer) {
	if err := stdin.Close(); err != nil {
		tb.Errorf("stop moto: %v", err)
	}
	if err := cmd.Wait(); err != nil {
		tb.Errorf("moto ended badly: %v\n%s", err, stderr.Bytes())
	}
}

// checkVenv compares the environment with the versions pinned here: `make venv` leaves the list that it
// installed beside it.
func checkVenv(dir string) error {
	installed, err := os.ReadFile(filepath.Join(dir, "requirements.txt"))
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("the Python environment for moto, %s, is missing\nTry: make venv", dir)
	case err != nil:
		return fmt.Errorf("read what is installed for moto: %w", err)
	case !bytes.Equal(installed, requirements):
		return fmt.Errorf("the Python environment for moto, %s, holds other versions than requirements.txt\nTry: make venv", dir)
	}
	return nil
}

// moduleRoot finds the module that the test runs in; go test starts each test in its package's folder.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("find the module of this test: no go.mod above the working directory")
		}
		dir = parent
	}
}
