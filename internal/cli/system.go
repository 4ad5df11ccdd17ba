package cli

import (
	"os"
	"strconv"
	"time"

	"golang.org/x/term"
)

// System makes an App of the process's own streams, environment and terminal.
func System(version string) *App {
	directory, err := os.Getwd()
	if err != nil {
		directory = "."
	}
	app := &App{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Env: os.Getenv, Environ: os.Environ, Now: time.Now, Dir: directory, Version: version, Width: 80,
		Terminal:    term.IsTerminal(int(os.Stderr.Fd())),
		Screen:      term.IsTerminal(int(os.Stdout.Fd())),
		Interactive: term.IsTerminal(int(os.Stdin.Fd())),
	}
	if term.IsTerminal(int(os.Stdout.Fd())) {
		if width, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil && width > 0 {
			app.Width = width
		}
	}
	if columns, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && columns > 0 {
		app.Width = columns
	}
	plain := os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb"
	app.Color = !plain && term.IsTerminal(int(os.Stdout.Fd()))
	app.ErrColor = !plain && app.Terminal
	return app
}
