package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// file measures what a commit hook waits for: one changed file of a module of
// twenty, judged by every control.
func (b *bench) file() error {
	folder := filepath.Join(b.folder, "module")
	if err := os.Mkdir(folder, 0o755); err != nil {
		return err
	}
	for i := range 20 {
		text := fmt.Sprintf("variable \"days_%d\" {\n  default = 9\n}\nresource \"aws_neptune_cluster\" \"c%d\" {\n"+
			"  backup_retention_period = var.days_%d\n  storage_encrypted       = true\n}\n", i, i, (i+1)%20)
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("file%d.tf", i)), []byte(text), 0o600); err != nil {
			return err
		}
	}
	var walls []float64
	for range 21 {
		s, err := b.run(nil, b.holdfast, "scan", "--allow-incomplete", filepath.Join(folder, "file7.tf"))
		if err != nil {
			return err
		}
		walls = append(walls, float64(s.wall.Microseconds())/1000)
	}
	within("holdfast scan of one file of Terraform, median of 21", median(walls), 100, "ms")
	return nil
}
