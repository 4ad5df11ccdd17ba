package cloudformation_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
	"github.com/holdfast-aws/holdfast/services"
)

// Whatever a file holds, reading it ends with resources or gaps.
func FuzzTemplate(f *testing.F) {
	seeds, err := filepath.Glob("testdata/*/*.*")
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range seeds {
		if info, err := os.Stat(seed); err != nil || info.IsDir() || strings.HasSuffix(seed, ".txt") {
			continue
		}
		data, err := os.ReadFile(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Add("Resources: {A: {Type: 'AWS::Neptune::DBCluster', Properties: {BackupRetentionPeriod: !Cidr [::/0, 256, 128]}}}")
	f.Add("Metadata: {holdfast: {ignore: [x]}}\nResources:\n  # tool:ignore a\n  A: # tool:ignore b\n    Type: AWS::Neptune::DBCluster\n    Metadata: {checkov: {skip: {id: x}}}\n    # tool:skip=c\n")
	types := builtIn(f).Types
	wants := resource.Wants{}
	for name, typ := range types {
		wants[name] = typ.PropertyNames()
	}
	f.Fuzz(func(t *testing.T, text string) {
		file := filepath.Join(write(t, map[string]string{"t.yaml": text}), "t.yaml")
		cloudformation.Detect(file)
		source := cloudformation.New([]string{file}, cloudformation.Options{Types: types, Joiners: services.CloudFormationJoiners()})
		listing, err := source.List(t.Context(), wants)
		if err != nil {
			t.Fatal(err)
		}
		out := &kept{}
		if err := listing.Units[0].Read(t.Context(), out); err != nil {
			t.Fatal(err)
		}
		for _, found := range out.found {
			for _, remark := range found.FileRemarks {
				if last := 1 + strings.Count(text, "\n"); remark.Origin.Line < 1 || remark.Origin.Line > last {
					t.Errorf("%q stands in line %d of %d", remark.Text, remark.Origin.Line, last)
				}
			}
			if at := found.Origin; at.Line < 1 || at.EndLine < at.Line || at.Address == "" {
				t.Errorf("%s stands in %+v", found.ID, at)
			}
		}
	})
}

// Whatever a parameter file or a manifest holds, it is read or refused.
func FuzzGiven(f *testing.F) {
	for _, name := range []string{"parameters/cli.json", "parameters/pipeline.json", "assembly/cdk.out/manifest.json"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Fuzz(func(t *testing.T, text string) {
		dir := write(t, map[string]string{
			"given.json": text, "cdk.out/manifest.json": text,
			"t.yaml": "Parameters: {Days: {Type: Number}}\nResources: {A: {Type: T, Properties: {P: !Ref Days}}}\n",
		})
		for _, path := range []string{"t.yaml", "cdk.out"} {
			source := cloudformation.New([]string{filepath.Join(dir, path)}, cloudformation.Options{ParameterFiles: []string{filepath.Join(dir, "given.json")}})
			listing, err := source.List(t.Context(), nil)
			if err != nil {
				continue // refused
			}
			for _, unit := range listing.Units {
				if err := unit.Read(t.Context(), &kept{}); err != nil {
					t.Error(err)
				}
			}
		}
	})
}
