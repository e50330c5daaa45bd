// Would compose take this file? It is loaded by the loader of the compose specification itself, which checks it against
// the schema, and what it holds is printed.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

func main() {
	if len(os.Args) != 2 {
		fail(fmt.Errorf("a compose file is expected, and nothing else"))
	}
	project, err := load(os.Args[1])
	if err != nil {
		fail(err)
	}
	for _, name := range project.ServiceNames() {
		describe(project, project.Services[name])
	}
	if err := sound(project); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "error:", err)
	os.Exit(1)
}

// The file as compose understands it: against the schema, consistent, paths and variables resolved.
func load(path string) (*types.Project, error) {
	options, err := cli.NewProjectOptions([]string{path}, cli.WithConsistency(true), cli.WithResolvedPaths(true))
	if err != nil {
		return nil, err
	}
	return options.LoadProject(context.Background())
}

func describe(project *types.Project, service types.ServiceConfig) {
	fmt.Println(service.Name)
	if service.Build != nil {
		fmt.Println("  build:", relative(project, service.Build.Context))
	}
	fmt.Println("  image:", service.Image)
	if service.HealthCheck != nil {
		fmt.Println("  health:", strings.Join(service.HealthCheck.Test, " "))
	}
	for _, volume := range service.Volumes {
		fmt.Printf("  %s: %s at %s\n", volume.Type, relative(project, volume.Source), volume.Target)
	}
	for _, port := range service.Ports {
		fmt.Printf("  port: %s:%s to %d\n", port.HostIP, port.Published, port.Target)
	}
	for _, name := range service.GetDependencies() {
		fmt.Printf("  after: %s, %s\n", name, service.DependsOn[name].Condition)
	}
}

// What the schema does not ask for, and this project does.
func sound(project *types.Project) error {
	for _, name := range []string{"broker", "engine", "prometheus"} {
		service, err := project.GetService(name)
		if err != nil {
			return err
		}
		if service.HealthCheck == nil || len(service.HealthCheck.Test) == 0 {
			return fmt.Errorf("%s has no health check", name)
		}
		kept := slices.ContainsFunc(service.Volumes, func(volume types.ServiceVolumeConfig) bool {
			return volume.Type == types.VolumeTypeVolume && volume.Source != ""
		})
		if !kept {
			return fmt.Errorf("%s has no volume with a name: what it holds would be gone with its container", name)
		}
		for _, volume := range service.Volumes {
			if volume.Type != types.VolumeTypeBind {
				continue
			}
			if _, err := os.Stat(volume.Source); err != nil {
				return fmt.Errorf("%s mounts what is not there: %w", name, err)
			}
		}
		if service.Build != nil {
			if _, err := os.Stat(filepath.Join(service.Build.Context, service.Build.Dockerfile)); err != nil {
				return fmt.Errorf("%s is built from what is not there: %w", name, err)
			}
		}
	}
	engine := project.Services["engine"]
	if engine.DependsOn["broker"].Condition != types.ServiceConditionHealthy {
		return fmt.Errorf("engine does not wait until broker is healthy")
	}
	return nil
}

func relative(project *types.Project, path string) string {
	if short, err := filepath.Rel(project.WorkingDir, path); err == nil && filepath.IsAbs(path) {
		return short
	}
	return path
}
