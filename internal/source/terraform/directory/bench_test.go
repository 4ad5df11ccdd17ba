package directory_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/engine"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
	"github.com/holdfast-aws/holdfast/internal/source/terraform/directory"
	"github.com/holdfast-aws/holdfast/services"
)

const smallRoot = `terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0" }
  }
}

provider "aws" {
  region = var.region
  default_tags {
    tags = local.tags
  }
}

variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "retention_days" {
  description = "days for which backups are kept"
  type        = number
  default     = %d
}

locals {
  name = "service-%d"
  tags = { Service = local.name, Team = "graph", Stage = terraform.workspace }
}

resource "aws_security_group" "graph" {
  name        = "${local.name}-graph"
  description = "who may reach the graph"

  dynamic "ingress" {
    for_each = toset(["10.0.0.0/8", "192.168.0.0/16"])
    content {
      from_port   = 8182
      to_port     = 8182
      protocol    = "tcp"
      cidr_blocks = [ingress.value]
    }
  }
}

resource "aws_neptune_cluster" "graph" {
  cluster_identifier                  = local.name
  backup_retention_period             = var.retention_days
  preferred_backup_window             = "02:00-03:00"
  storage_encrypted                   = true
  iam_database_authentication_enabled = true
  vpc_security_group_ids              = [aws_security_group.graph.id]
  tags                                = merge(local.tags, { Name = local.name })
}

resource "aws_neptune_cluster_instance" "graph" {
  count              = 2
  cluster_identifier = aws_neptune_cluster.graph.id
  instance_class     = "db.r6g.large"
  availability_zone  = "${var.region}${element(["a", "b", "c"], count.index)}"
}
`

// writeRoots writes a tree of small root modules, about 1.7 kB each.
func writeRoots(tb testing.TB, n int) string {
	tb.Helper()
	dir := tb.TempDir()
	for i := range n {
		at := filepath.Join(dir, fmt.Sprintf("team-%02d", i/20), fmt.Sprintf("service-%03d", i))
		if err := os.MkdirAll(at, 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(at, "main.tf"), fmt.Appendf(nil, smallRoot, i%20, i), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

// parseOnly is the measure: reading and parsing every file, and no more.
func parseOnly(tb testing.TB, dir string) {
	tb.Helper()
	parser := hclparse.NewParser()
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(name, ".tf") {
			_, diags := parser.ParseHCLFile(name)
			if diags.HasErrors() {
				return diags
			}
		}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// judgeAll scans a directory with every control, as the command does.
func judgeAll(tb testing.TB, all *control.Catalogue, judge *engine.Engine, dir string) int {
	tb.Helper()
	counter := &counter{}
	mapping := terraform.NewMapping(all.Types, services.TerraformJoiners())
	_, err := scan.Run(context.Background(), scan.Options{
		Source: directory.New([]string{dir}, mapping, directory.Options{}), Engine: judge, Handler: counter,
		Concurrency: 2, Now: time.Now,
	})
	if err != nil {
		tb.Fatal(err)
	}
	return counter.findings
}

// counter counts the findings of Neptune's own controls. Those of other services
// judge its resources too.
type counter struct{ findings int }

func (c *counter) Begin(*finding.Header) error { return nil }
func (c *counter) Gap(*finding.Gap) error      { return nil }
func (c *counter) End(*finding.Footer) error   { return nil }
func (c *counter) Finding(f *finding.Finding) error {
	if strings.HasPrefix(f.Control, "Neptune.") {
		c.findings++
	}
	return nil
}

func newJudge(tb testing.TB) (*control.Catalogue, *engine.Engine) {
	tb.Helper()
	all := catalogue(tb)
	params, err := all.ParseParams(nil)
	if err != nil {
		tb.Fatal(err)
	}
	judge, err := engine.New(all, all.Controls, params)
	if err != nil {
		tb.Fatal(err)
	}
	return all, judge
}

// BenchmarkSmallRoots reports the time of scanning 300 small roots in terms of
// the time of only parsing them.
func BenchmarkSmallRoots(b *testing.B) {
	dir := writeRoots(b, 300)
	all, judge := newJudge(b)
	parseOnly(b, dir)
	var parsing, judging time.Duration
	for b.Loop() {
		start := time.Now()
		parseOnly(b, dir)
		parsing += time.Since(start)
		start = time.Now()
		if n := judgeAll(b, all, judge, dir); n != 300*7 {
			b.Fatalf("%d findings", n)
		}
		judging += time.Since(start)
	}
	b.ReportMetric(float64(judging)/float64(parsing), "x-parsing")
	b.ReportMetric(float64(parsing.Milliseconds())/float64(b.N), "ms-parsing")
	b.ReportMetric(float64(judging.Milliseconds())/float64(b.N), "ms-judging")
}
