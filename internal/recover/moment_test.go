package recover_test

import (
	"testing"
	"time"

	"github.com/holdfast-aws/holdfast/internal/recover"
)

func TestParseSpan(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"6d": 6 * day, "36h": 36 * time.Hour, "2w": 14 * day, "1d12h": 36 * time.Hour, "90m": 90 * time.Minute, "36500d": 36500 * day,
		"": 0, "0d": 0, "6": 0, "-6d": 0, "6 d": 0, "d": 0, "6y": 0, "1.5d": 0, "999999w": 0, "36500d1m": 0, "6d\n": 0,
	} {
		got, err := recover.ParseSpan(text)
		if got != want || (err == nil) != (want > 0) {
			t.Errorf("%q is %s (%v), want %s", text, got, err, want)
		}
	}
}

func TestParseMoment(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2026-11-16":                "2026-11-16T00:00:00Z",
		"2026-11-16T09:30:00Z":      "2026-11-16T09:30:00Z",
		"2026-11-16T09:30:00+02:00": "2026-11-16T07:30:00Z",
		"2026-11-16T00:30:00-08:00": "2026-11-16T08:30:00Z",
		"2026-11-16 09:30":          "", "yesterday": "", "2026-02-30": "", "": "",
	} {
		got, err := recover.ParseMoment(text)
		if (err != nil) != (want == "") || err == nil && (got.Format(time.RFC3339) != want || got.Location() != time.UTC) {
			t.Errorf("%q is %v (%v), want %s", text, got, err, want)
		}
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	for span, want := range map[time.Duration]string{
		6 * 24 * time.Hour: "6 days", 60 * time.Hour: "2.5 days", 36 * time.Hour: "36 hours", time.Hour: "1 hour", 5 * time.Minute: "5 minutes",
	} {
		if got := recover.Span(span); got != want {
			t.Errorf("%s is %q, want %q", time.Duration(span), got, want)
		}
	}
}

func FuzzParseSpan(f *testing.F) {
	for _, seed := range []string{"6d", "1d12h", "999999w999999w", "0m", "x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		span, err := recover.ParseSpan(text)
		if err == nil && (span <= 0 || span > 100*365*24*time.Hour) || err != nil && span != 0 {
			t.Errorf("%q is %s (%v)", text, span, err)
		}
	})
}

func FuzzParseMoment(f *testing.F) {
	for _, seed := range []string{"2026-11-16", "2026-11-16T09:30:00+02:00", "0000-01-01T00:00:00-23:59"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if at, err := recover.ParseMoment(text); err == nil && at.Location() != time.UTC {
			t.Errorf("%q is %v, not in UTC", text, at)
		}
	})
}
