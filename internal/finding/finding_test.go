package finding

import (
	"testing"

	"github.com/holdfast-aws/holdfast/internal/resource"
)

func TestIDStaysTheSameForControlAndResource(t *testing.T) {
	t.Parallel()
	ref := resource.Ref{ARN: "arn:aws:rds:eu-west-1:111122223333:cluster:graph", ID: "graph"}
	moved := ref
	moved.Region = "elsewhere"
	if NewID("Neptune.5", &ref) != NewID("Neptune.5", &moved) {
		t.Error("the id depends on more than control and key")
	}
	if NewID("Neptune.5", &ref) == NewID("Neptune.4", &ref) {
		t.Error("two controls share an id")
	}
	code := resource.Ref{Origin: resource.Origin{File: "main.tf", Address: "aws_neptune_cluster.a", Line: 3}}
	below := code
	below.Origin.Line = 30
	if NewID("Neptune.5", &code) != NewID("Neptune.5", &below) {
		t.Error("moving a block down its file changes the id")
	}
}

func TestTallyKeepsExceptedApart(t *testing.T) {
	t.Parallel()
	var tally Tally
	tally.Add(&Finding{Status: Failed, Severity: Medium})
	tally.Add(&Finding{Status: Failed, Severity: Critical, Exception: &Exception{Reason: "accepted"}})
	tally.Add(&Finding{Status: Passed})
	if tally.Failed != 1 || tally.Excepted != 1 || tally.Passed != 1 {
		t.Errorf("tally %+v", tally)
	}
	if got := tally.FailedAtLeast(High); got != 0 {
		t.Errorf("an excepted critical finding counts: %d", got)
	}
	if tally.Incomplete() {
		t.Error("a judged scan is called incomplete")
	}
	tally.Add(&Finding{Status: NotAvailable})
	if !tally.Incomplete() {
		t.Error("an unjudged resource is called complete")
	}
}

func TestSeverityIsReadInAnyCaseAndRefusedByName(t *testing.T) {
	t.Parallel()
	if got, err := ParseSeverity("critical"); err != nil || got != Critical {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := ParseSeverity("urgent"); err == nil {
		t.Error("an unknown severity is accepted")
	}
}
