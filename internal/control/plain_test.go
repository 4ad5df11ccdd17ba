package control

import (
	"os"
	"path/filepath"
	"testing"
)

func TestValuesThatAreNotWhatTheyLookLikeAreFound(t *testing.T) {
	t.Parallel()
	for text, plain := range map[string]bool{
		"min: 7": true, "id: Neptune.5": true, "requirements: [NIST.800-53.r5 CP-10]": true, "say: one thing. Another": true,
		"check: resource.Days >= 7 && x.?Y.orValue(3)": true, "why: über": true, "on: 2026-11-22": true,
		"min: 7.5": false, "min: 7.": false, "min: .5": false, "min: -.5": false, "min: 7e1": false, "min: +7E1": false, "min: .inf": false,
		"{min: 1,max: 7.5}": false, "[7.5]": false, "min:\n  7.5": false, `why: "a\e[2J"`: false, "why: a\u202eb": false,
		"why: a\x7fb": false, "a:\tb": false,
	} {
		f := file{data: []byte(text)}
		if f.plain() != plain {
			t.Errorf("%q is plain: %t", text, !plain)
		}
	}
}

// What is not plain is parsed twice; of our own files hardly any is.
func TestOurFilesArePlain(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("../../services/*/*.yaml")
	if err != nil || len(names) < 10 {
		t.Fatalf("%d files: %v", len(names), err)
	}
	odd := 0
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if f := (file{data: data}); !f.plain() {
			odd++
		}
	}
	if odd > len(names)/4 {
		t.Errorf("%d of %d files are parsed twice", odd, len(names))
	}
}
