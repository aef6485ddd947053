// Deploys a program twice by the Automation API, which needs no language host, and prints what was done as JSON. It is
// compiled together with the program, whose own main is left out.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
)

func main() {
	if err := deploy(context.Background(), os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func deploy(ctx context.Context, folder, subAppID string) error {
	stack, err := auto.UpsertStackInlineSource(ctx, "dev", "catalogue", catalogue, auto.WorkDir(folder))
	if err != nil {
		return err
	}
	if err := stack.SetConfig(ctx, "tencent-aigc:subAppId", auto.ConfigValue{Value: subAppID}); err != nil {
		return err
	}
	changes := []map[string]int{}
	var urls any
	for range 2 {
		update, err := stack.Up(ctx)
		if err != nil {
			return err
		}
		changes = append(changes, *update.Summary.ResourceChanges)
		urls = update.Outputs["urls"].Value
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"changes": changes, "urls": urls})
}
