import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { pathWithCli } from "./scripts/cli/environment.mts";
import { find, pulumi } from "./scripts/cli/tools.mts";

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "all",
          include: ["test/**/*.test.ts"],
          // Nothing of these runs without the CLI; test/cli says that it is missing.
          exclude: ["test/plugin/**", "test/install/**", ...("folder" in find(pulumi) ? [] : ["test/backends/**"])],
        },
      },
      {
        // What the dynamic provider keeps to, the plugin keeps to as well: test/support/host.ts starts it in its place.
        extends: true,
        test: {
          name: "plugin",
          include: ["test/contract/**/*.test.ts", "test/faults/**/*.test.ts", "test/plugin/**/*.test.ts"],
          env: { AIGC_SERVED_BY: "plugin" },
        },
      },
      // Of `npm run test:install`: they install hundreds of packages each.
      { extends: true, test: { name: "install", include: ["test/install/**/*.test.ts"] } },
    ],
    // Hosts, engines and emulators are real processes and sockets: each test file gets a process of its own.
    pool: "forks",
    // They wait for processes more than they compute.
    maxWorkers: 3,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    env: {
      PATH: pathWithCli(),
      // Even to be asked for its version, the CLI writes a log: not beside the user's own.
      PULUMI_HOME: join(import.meta.dirname, "node_modules", ".cache", "pulumi"),
      PULUMI_SKIP_UPDATE_CHECK: "true",
    },
  },
});
