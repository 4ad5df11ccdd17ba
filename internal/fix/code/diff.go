package code

import (
	"bytes"
	"slices"
)

// maxCompared bounds the work on one run of changed lines: the product of how
// many go and how many come.
const maxCompared = 1 << 20

// tightened shows lines that a difference takes out and puts back as what they
// are: not changed. A difference that is anchored at lines of which there is
// only one does so where lines such as a closing brace stand between changes.
func tightened(diff []byte) []byte {
	var out bytes.Buffer
	var gone, come [][]byte
	flush := func() {
		rejoin(&out, gone, come)
		gone, come = nil, nil
	}
	started := false
	for line := range bytes.Lines(diff) {
		switch {
		case !started, line[0] != '-' && line[0] != '+':
			started = started || bytes.HasPrefix(line, []byte("@@"))
			if line[0] == '\\' { // the file ends without a line end: leave the run as it is
				writeLines(&out, slices.Concat(gone, come))
				gone, come = nil, nil
			}
			flush()
			out.Write(line)
		case line[0] == '-' && len(come) > 0:
			flush()
			gone = append(gone, line)
		case line[0] == '-':
			gone = append(gone, line)
		default:
			come = append(come, line)
		}
	}
	flush()
	return out.Bytes()
}

// rejoin writes a run of lines that go and of lines that come, those that do
// both once. Of the ways to pair them it takes one that pairs the most.
func rejoin(out *bytes.Buffer, gone, come [][]byte) {
	if len(gone)*len(come) > maxCompared {
		writeLines(out, slices.Concat(gone, come))
		return
	}
	// common[i][j] is how many lines of gone[i:] and come[j:] can be paired.
	common := make([][]int, len(gone)+1)
	for i := range common {
		common[i] = make([]int, len(come)+1)
	}
	for i := len(gone) - 1; i >= 0; i-- {
		for j := len(come) - 1; j >= 0; j-- {
			if bytes.Equal(gone[i][1:], come[j][1:]) {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	i, j := 0, 0
	var added [][]byte
	for i < len(gone) || j < len(come) {
		switch {
		case i < len(gone) && j < len(come) && bytes.Equal(gone[i][1:], come[j][1:]):
			writeLines(out, added)
			added = nil
			out.WriteByte(' ')
			out.Write(gone[i][1:])
			i, j = i+1, j+1
		case j == len(come) || i < len(gone) && common[i+1][j] >= common[i][j+1]:
			out.Write(gone[i])
			i++
		default:
			added = append(added, come[j])
			j++
		}
	}
	writeLines(out, added)
}

func writeLines(out *bytes.Buffer, lines [][]byte) {
	for _, line := range lines {
		out.Write(line)
	}
}
