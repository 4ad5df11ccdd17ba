package cli

import (
	"os"
	"path/filepath"
)

// repository finds the root of the repository around the working directory, and
// the address below which the forge that runs the pipeline shows its files at
// the commit judged; "" where there is none.
func (app *App) repository() (root, blob string) {
	for at := filepath.Clean(app.Dir); root == ""; at = filepath.Dir(at) {
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			root = at
		}
		if at == filepath.Dir(at) {
			break
		}
	}
	return root, app.blob()
}

// blob reads what the forges set in their pipelines.
func (app *App) blob() string {
	server, name, commit := app.Env("GITHUB_SERVER_URL"), app.Env("GITHUB_REPOSITORY"), app.Env("GITHUB_SHA")
	if server != "" && name != "" && commit != "" {
		return server + "/" + name + "/blob/" + commit
	}
	if project, commit := app.Env("CI_PROJECT_URL"), app.Env("CI_COMMIT_SHA"); project != "" && commit != "" {
		return project + "/-/blob/" + commit
	}
	return ""
}
