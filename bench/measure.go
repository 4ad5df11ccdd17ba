package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// rounds is how often each pair of processes is run, one after the other.
const rounds = 7

func measure(ctx context.Context, holdfast string) error {
	holdfast, err := filepath.Abs(holdfast)
	if err != nil {
		return err
	}
	b := &bench{ctx: ctx, holdfast: holdfast}
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	if b.folder, err = os.MkdirTemp("", "holdfast-bench-*"); err != nil {
		return err
	}
	defer os.RemoveAll(b.folder)
	return errors.Join(b.version(), b.file(), b.calls(), b.ratio(), b.memory())
}

type bench struct {
	ctx                    context.Context
	holdfast, self, folder string
}

// sample is one finished process.
type sample struct {
	wall   time.Duration
	peakMB float64
	exit   int
}

// run runs a process to its end with an environment of its own.
func (b *bench) run(env []string, name string, args ...string) (sample, error) {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	command := exec.CommandContext(ctx, name, args...)
	command.Env = append([]string{"HOME=" + b.folder, "TMPDIR=" + b.folder}, env...)
	command.Dir = b.folder
	var problems strings.Builder
	command.Stdout, command.Stderr = io.Discard, &problems
	start := time.Now()
	err := command.Run()
	s := sample{wall: time.Since(start)}
	if command.ProcessState == nil {
		return s, err
	}
	s.exit = command.ProcessState.ExitCode()
	if usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage); ok {
		s.peakMB = float64(usage.Maxrss) / 1024
	}
	if s.exit > 1 || s.exit < 0 {
		return s, fmt.Errorf("%s %v: exit code %d: %s", filepath.Base(name), args, s.exit, problems.String())
	}
	return s, nil
}

func (b *bench) version() error {
	var walls []float64
	for range 21 {
		s, err := b.run(nil, b.holdfast, "version")
		if err != nil {
			return err
		}
		walls = append(walls, float64(s.wall.Microseconds())/1000)
	}
	within("holdfast version, median of 21", median(walls), 40, "ms")
	return nil
}

// world is five regions of unequal size.
var world = []struct {
	region   string
	clusters int
}{{"eu-west-1", 4000}, {"us-east-1", 4000}, {"us-west-2", 4000}, {"eu-central-1", 4000}, {"ap-southeast-2", 4000}}

func describeWorld() (spec string, regions []string, pages int) {
	var pairs []string
	for _, place := range world {
		pairs = append(pairs, fmt.Sprintf("%s=%d", place.region, place.clusters))
		regions = append(regions, place.region)
		pages += (place.clusters + 99) / 100
	}
	return strings.Join(pairs, ","), regions, pages
}

func (b *bench) calls() error {
	spec, regions, pages := describeWorld()
	l, err := b.lab(spec)
	if err != nil {
		return err
	}
	defer l.stop()
	if _, err := b.run(l.env(), b.holdfast, scanArgs(regions, "Neptune.4,Neptune.5,Neptune.7,Neptune.8,Neptune.9")...); err != nil {
		return err
	}
	rds, all, err := l.counts()
	if err != nil {
		return err
	}
	needed := pages + 1 // one call says whose account it is
	within(fmt.Sprintf("calls made / calls needed (%d / %d, %d of them RDS)", all, needed, rds), float64(all)/float64(needed), 1, "")
	return nil
}

// ratio runs the scan and the bare paging loop in turn.
func (b *bench) ratio() error {
	spec, regions, _ := describeWorld()
	l, err := b.lab(spec)
	if err != nil {
		return err
	}
	defer l.stop()
	env := append(l.env(), "BENCH_REGIONS="+strings.Join(regions, ","))
	var ratios, scans, bares []float64
	for i := range rounds + 1 {
		scan, err := b.run(env, b.holdfast, scanArgs(regions, "Neptune.5")...)
		if err != nil {
			return err
		}
		bare, err := b.run(env, b.self, "bare")
		if err != nil {
			return err
		}
		if i == 0 {
			continue // warms up both
		}
		ratios = append(ratios, scan.wall.Seconds()/bare.wall.Seconds())
		scans, bares = append(scans, scan.wall.Seconds()), append(bares, bare.wall.Seconds())
	}
	fmt.Printf("20,000 clusters in 5 regions: scan %.2f s, bare paging loop %.2f s (medians of %d)\n", median(scans), median(bares), rounds)
	within("whole scan / bare paging loop, median of pairs", median(ratios), 1.3, "")
	return nil
}

func (b *bench) memory() error {
	l, err := b.lab("eu-west-1=100000")
	if err != nil {
		return err
	}
	defer l.stop()
	for _, test := range []struct{ name, controls, format string }{
		{"100,000 clusters, one control, ndjson: peak memory", "Neptune.5", "ndjson"},
		{"100,000 clusters, seven controls, text: peak memory", "Neptune.1,Neptune.2,Neptune.4,Neptune.5,Neptune.7,Neptune.8,Neptune.9", "text"},
	} {
		args := scanArgs([]string{"eu-west-1"}, test.controls)
		s, err := b.run(l.env(), b.holdfast, append(args, "--format", test.format)...)
		if err != nil {
			return err
		}
		within(fmt.Sprintf("%s (%.1f s)", test.name, s.wall.Seconds()), s.peakMB, 100, "MB")
	}
	return nil
}

func scanArgs(regions []string, controls string) []string {
	return []string{"scan", "--rate", "-1", "--region", strings.Join(regions, ","), "--control", controls}
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// labProcess is a lab in a process of its own.
type labProcess struct {
	command *exec.Cmd
	input   io.WriteCloser
	output  *bufio.Scanner
	url     string
}

func (b *bench) lab(world string) (*labProcess, error) {
	l := &labProcess{command: exec.CommandContext(b.ctx, b.self, "lab", world)}
	l.command.Stderr = os.Stderr
	var err error
	if l.input, err = l.command.StdinPipe(); err != nil {
		return nil, err
	}
	output, err := l.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := l.command.Start(); err != nil {
		return nil, err
	}
	l.output = bufio.NewScanner(output)
	if !l.output.Scan() {
		return nil, errors.New("the lab did not start")
	}
	l.url = l.output.Text()
	return l, nil
}

// counts asks the lab how many calls it has served since it was last asked.
func (l *labProcess) counts() (rds, all int, err error) {
	if _, err := l.input.Write([]byte{'?'}); err != nil {
		return 0, 0, err
	}
	if !l.output.Scan() {
		return 0, 0, errors.New("the lab is gone")
	}
	_, err = fmt.Sscan(l.output.Text(), &rds, &all)
	return rds, all, err
}

func (l *labProcess) stop() {
	_ = l.input.Close()
	_ = l.command.Wait() // it ends when its input does
}

func (l *labProcess) env() []string {
	return []string{
		"AWS_ENDPOINT_URL=" + l.url, "AWS_ACCESS_KEY_ID=" + accessKey, "AWS_SECRET_ACCESS_KEY=lab",
		"AWS_REGION=eu-west-1", "AWS_EC2_METADATA_DISABLED=true", "TERM=dumb",
	}
}
