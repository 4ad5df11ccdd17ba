package services

import (
	"embed"
	"io/fs"

	"github.com/holdfast-aws/holdfast/internal/source/live"
	"github.com/holdfast-aws/holdfast/services/neptune"
)

//go:embed */*.yaml
var files embed.FS

// Controls holds the control and resource type files of every service.
func Controls() fs.FS { return files }

// Readers are what reads each service's resources from live accounts.
func Readers() []live.Service {
	return []live.Service{neptune.Reader{}}
}
