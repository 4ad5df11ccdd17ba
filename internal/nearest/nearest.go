package nearest

import (
	"cmp"
	"slices"
	"strings"
)

// most is how many names are worth showing to a person.
const most = 3

// Names returns up to three of the names that are nearest to a name, the best
// first and those that are equally near in the order given. A name is near if
// at most a third of the letters, or two where that is more, must be added,
// dropped or changed; letter case does not count. There may be none.
func Names(name string, among []string) []string {
	type candidate struct {
		name  string
		edits int
	}
	limit := max(2, len(name)/3)
	var near []candidate
	for _, other := range among {
		if n := edits(strings.ToLower(name), strings.ToLower(other)); n <= limit {
			near = append(near, candidate{other, n})
		}
	}
	slices.SortStableFunc(near, func(a, b candidate) int { return cmp.Compare(a.edits, b.edits) })
	var names []string
	for _, c := range near[:min(most, len(near))] {
		names = append(names, c.name)
	}
	return names
}

// edits is the Levenshtein distance in bytes.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
