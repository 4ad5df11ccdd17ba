package fixtest

import (
	"testing"

	"github.com/holdfast-aws/holdfast/internal/fix"
)

func TestMemoryKeepsTheContract(t *testing.T) {
	t.Parallel()
	TestJournal(t, func(*testing.T) fix.Journal { return NewMemory() })
}
