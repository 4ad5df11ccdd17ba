package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/holdfast-aws/holdfast/internal/lab"
)

const account = "111122223333"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	switch {
	case len(os.Args) == 3 && os.Args[1] == "lab":
		err = serveLab(ctx, os.Args[2])
	case len(os.Args) == 2 && os.Args[1] == "bare":
		err = pageBare(ctx, strings.Split(os.Getenv("BENCH_REGIONS"), ","))
	case len(os.Args) == 2:
		err = measure(ctx, os.Args[1])
	default:
		err = fmt.Errorf("usage: bench PATH-OF-HOLDFAST")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
}

// serveLab serves a world until standard input closes, so that the lab never
// outlives the measurement. The world is region=clusters pairs.
func serveLab(ctx context.Context, world string) error {
	w := lab.NewWorld(nil)
	for _, pair := range strings.Split(world, ",") {
		name, count, _ := strings.Cut(pair, "=")
		n := 0
		if _, err := fmt.Sscan(count, &n); err != nil {
			return fmt.Errorf("world %q: %w", pair, err)
		}
		w.Account(account).Region(name).Generate(lab.Scale{Clusters: n, Members: 2})
	}
	l, err := lab.Start(ctx, lab.Options{World: w, Record: lab.RecordCounts, Pause: -1})
	if err != nil {
		return err
	}
	defer l.Close()
	fmt.Println(l.URL)
	buffer := make([]byte, 1)
	for {
		if _, err := os.Stdin.Read(buffer); err != nil {
			return nil
		}
		// A byte asks for the number of calls to RDS so far.
		fmt.Println(l.CallCount(lab.Match{Service: "rds"}), l.CallCount(lab.Match{}))
		l.ResetCalls()
	}
}

// within reports a measured value against its limit.
func within(name string, value, limit float64, unit string) {
	verdict := "ok"
	if value > limit {
		verdict = "ABOVE THE LIMIT"
	}
	fmt.Printf("%-58s %8.2f %-6s limit %6.2f  %s\n", name, value, unit, limit, verdict)
}

// patience bounds one measured process.
const patience = 5 * time.Minute

var accessKey = lab.AccessKey(account)
