// Package atomicfile writes files that are either there in full or not at all.
package atomicfile
