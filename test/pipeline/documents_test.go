package pipeline_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// examples returns the YAML blocks of the page about pipelines.
func examples(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(fromRoot(t, "docs/pipeline.md"))
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, m := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		blocks = append(blocks, m[1])
	}
	if len(blocks) != 3 {
		t.Fatalf("%d examples", len(blocks))
	}
	return blocks
}

// example returns the one that holds a text.
func example(t *testing.T, holds string) string {
	t.Helper()
	all := examples(t)
	i := slices.IndexFunc(all, func(block string) bool { return strings.Contains(block, holds) })
	if i < 0 {
		t.Fatalf("no example holds %q", holds)
	}
	return all[i]
}

func TestTheGitLabExampleIsAPipeline(t *testing.T) {
	t.Parallel()
	validate(t, "gitlab-ci.json", []byte(example(t, "codequality:")))
}

func TestTheGitHubExampleUsesInputsThatTheActionHas(t *testing.T) {
	t.Parallel()
	var workflow struct {
		Jobs map[string]struct {
			Steps []struct {
				Uses string
				With map[string]any
			}
		}
	}
	if err := yaml.Unmarshal([]byte(example(t, "runs-on:")), &workflow); err != nil {
		t.Fatal(err)
	}
	inputs := readAction(t).Inputs
	checked := 0
	for _, job := range workflow.Jobs {
		for _, s := range job.Steps {
			for name := range s.With {
				if _, ok := inputs[name]; !ok {
					t.Errorf("the action has no input %s", name)
				}
				checked++
			}
		}
	}
	text, err := os.ReadFile(fromRoot(t, "docs/pipeline.md"))
	if err != nil {
		t.Fatal(err)
	}
	for name := range inputs {
		if !strings.Contains(string(text), "`"+name+"`") {
			t.Errorf("the input %s is not described", name)
		}
	}
	if checked < 3 {
		t.Errorf("only %d inputs are shown", checked)
	}
}

func TestThePreCommitExampleNamesAHook(t *testing.T) {
	t.Parallel()
	type list []struct{ ID string }
	var config struct{ Repos []struct{ Hooks list } }
	var manifest list
	data, err := os.ReadFile(fromRoot(t, ".pre-commit-hooks.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for text, into := range map[string]any{example(t, "repos:"): &config, string(data): &manifest} {
		if err := yaml.Unmarshal([]byte(text), into); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Contains(manifest, config.Repos[0].Hooks[0]) {
		t.Errorf("there is no hook %s", config.Repos[0].Hooks[0].ID)
	}
}
