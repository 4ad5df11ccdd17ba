package moto

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEnvironmentIsCheckedBeforeItIsUsed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		installed []byte // nil: nothing was ever installed
		want      string // empty: no error
	}{
		{"never made", nil, "is missing\nTry: make venv"},
		{"made for other versions", []byte("moto==1.0.0\n"), "other versions than requirements.txt\nTry: make venv"},
		{"made for these versions", requirements, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if test.installed != nil {
				if err := os.WriteFile(filepath.Join(dir, "requirements.txt"), test.installed, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			switch err := checkVenv(dir); {
			case test.want == "" && err != nil:
				t.Errorf("got %v, want no error", err)
			case test.want != "" && (err == nil || !strings.HasSuffix(err.Error(), test.want)):
				t.Errorf("got %v, want an error ending in %q", err, test.want)
			}
		})
	}
}
