package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/holdfast-aws/holdfast/internal/cli"
	"github.com/holdfast-aws/holdfast/services"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The first interrupt ends things cleanly; a second one kills.
	context.AfterFunc(ctx, stop)
	app := cli.System(version())
	app.Parts = cli.Parts{
		Controls: services.Controls(), Prevention: services.Prevention(), Readers: services.Readers(),
		TerraformJoiners: services.TerraformJoiners(), CloudFormationJoiners: services.CloudFormationJoiners(),
		Writers: services.Writers(), Planners: services.Planners, FixActions: services.FixActions, Sources: services.Sources(),
	}
	code := cli.Main(ctx, app, os.Args[1:])
	stop()
	os.Exit(code)
}
