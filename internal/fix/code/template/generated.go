package template

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/fix/code"
	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
)

// constructPath is the metadata in which the CDK names the construct that a
// resource comes from.
const constructPath = "aws:cdk:path"

// generated refuses files that a program writes anew.
func (p *placing) generated() error {
	w := p.want
	file := w.Resource.Origin.File
	construct, err := p.language.locator.Metadata(&w.Resource, constructPath)
	if err != nil {
		construct = "" // the file says enough
	}
	parts := strings.Split(filepath.ToSlash(filepath.Clean(file)), "/")
	switch {
	case construct != "":
		return p.left(w.At, code.LeftUpstream, "the CDK makes %s of the construct %s: set %s to %s there and synthesise again",
			file, construct, w.Property, w.After)
	case slices.Contains(parts, "cdk.out") || cloudformation.InAssembly(file):
		return p.left(w.At, code.LeftUpstream, "the CDK makes %s: set %s of %s to %s in its code and synthesise again",
			file, w.Property, w.Resource.Origin.Address, w.After)
	case slices.Contains(parts, ".aws-sam"):
		return p.left(w.At, code.LeftUpstream, "sam build makes %s: set %s to %s in the template that it is built from",
			file, w.Property, w.After)
	}
	return nil
}
