package apply

import (
	"regexp"
	"strings"
	"testing"
)

// valid is what RDS takes for an identifier.
var valid = regexp.MustCompile(`^[a-z](-?[a-z0-9])*$`)

func TestIdentifiersStayWithinWhatRDSTakes(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 63)
	for _, test := range []struct{ base, suffix, want string }{
		{"graph", "audit", "graph-audit"},
		{"Graph", "reader-b", "graph-reader-b"},
		{strings.Repeat("a", 57), "audit", strings.Repeat("a", 57) + "-audit"},
		{long, "encrypted", strings.Repeat("a", 48) + "-7d3e-encrypted"},
	} {
		got := identifier(test.base, test.suffix)
		if len(got) > maxIdentifier || !valid.MatchString(got) {
			t.Errorf("%q is none", got)
		}
		if test.base != long && got != test.want {
			t.Errorf("%s and %s make %s, not %s", test.base, test.suffix, got, test.want)
		}
	}
	if identifier(long, "encrypted") == identifier(long[:62]+"b", "encrypted") {
		t.Error("two long names become the same")
	}
}

func FuzzIdentifier(f *testing.F) {
	f.Add("graph", "encrypted-2")
	f.Add("g"+strings.Repeat("-x", 31), "reader-a")
	f.Fuzz(func(t *testing.T, base, suffix string) {
		if !valid.MatchString(base) || len(base) > maxIdentifier || !valid.MatchString(suffix) || len(suffix) > 30 {
			return
		}
		if got := identifier(base, suffix); len(got) > maxIdentifier || !valid.MatchString(got) {
			t.Errorf("%q and %q make %q", base, suffix, got)
		}
	})
}

func TestPriceListIsWhole(t *testing.T) {
	t.Parallel()
	list, err := loadPrices()
	if err != nil {
		t.Fatal(err)
	}
	if list.Region == "" || list.Date == "" || list.Hours != 730 || list.IOOptimized <= 1 || list.Serverless <= 0 {
		t.Errorf("%+v", list)
	}
	for family, price := range list.Families {
		if price.Low <= 0 || price.High < price.Low {
			t.Errorf("%s costs %+v", family, price)
		}
	}
	optimized := list.cost("us-east-1", []machine{{class: "db.r5.large", ioOptimized: true}})
	plain := list.cost("us-east-1", []machine{{class: "db.r5.large"}})
	if plain.Low != 254.04 || optimized.Low != 342.45 {
		t.Errorf("%+v, with I/O-optimized storage %+v", plain, optimized)
	}
}
