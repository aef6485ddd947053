import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { onTestFinished } from "vitest";
import { folderOf, hasNodeHost, onPath } from "../../scripts/cli/places.mts";

export const repository = join(__dirname, "..", "..");

/** What a user has in their environment, none of which the quickstart may use or show. */
export const theirs = {
  TENCENTCLOUD_SECRET_ID: "AKIDtheirSecretId",
  TENCENTCLOUD_SECRET_KEY: "theirSecretKey",
  TENCENTCLOUD_SESSION_TOKEN: "theirSessionToken",
  TENCENT_AIGC_ENDPOINT: "https://vod.intl.tencentcloudapi.com",
  PULUMI_BACKEND_URL: "https://pulumi.invalid",
  PULUMI_ACCESS_TOKEN: "theirAccessToken",
  PULUMI_STACK: "theirStack",
};

export interface Run {
  /** Where it may leave temporary files. */
  readonly temporary: string;
  /** Both streams, as far as they have come. */
  text(): string;
  /** Settles with the text when it holds this. */
  says(what: string | RegExp): Promise<string>;
  /** Its exit code. */
  readonly ended: Promise<number | null>;
  readonly child: ChildProcess;
}

/** Starts the quickstart of a folder. `pulumi` says whether it finds the Pulumi CLI, where there is one on PATH. */
export function start(folder: string, options: { args?: string[]; npm?: boolean; pulumi?: boolean } = {}): Run {
  const temporary = mkdtempSync(join(tmpdir(), "aigc-quickstart-test-"));
  const [command, args] = options.npm ? ["npm", ["start"]] : [process.execPath, [join("scripts", "start.mjs")]];
  const child = spawn(command, [...args, ...(options.args ?? [])], {
    cwd: folder,
    env: {
      ...process.env,
      ...theirs,
      HOME: temporary,
      TMPDIR: temporary,
      PATH: options.pulumi ? process.env["PATH"] : pathWithoutPulumi(),
    },
    shell: process.platform === "win32" && options.npm,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  const watchers = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
      for (const watch of watchers) watch();
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
    rmSync(temporary, { recursive: true, force: true });
  });
  const says = (what: string | RegExp) =>
    new Promise<string>((resolve, reject) => {
      const watch = () => {
        if (text.search(what) < 0) return;
        watchers.delete(watch);
        resolve(text);
      };
      watchers.add(watch);
      watch();
      void ended.then(() => reject(new Error(`it ended and never said ${what}:\n${text}`)));
    });
  return { temporary, text: () => text, says, ended, child };
}

const cli = folderOf("pulumi");

/** What the quickstart finds on PATH. */
export const pulumi = cli === undefined ? "missing" : hasNodeHost(cli) ? "whole" : "alone";

function pathWithoutPulumi(): string {
  return onPath()
    .filter((place) => folderOf("pulumi", [place]) === undefined)
    .join(delimiter);
}

/** A checkout with another program in the quickstart's place; what is installed and built is the repository's. */
export function checkout(program: string): string {
  const folder = mkdtempSync(join(tmpdir(), "aigc-checkout-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ["package.json", "Pulumi.yaml", "scripts", "examples"]) {
    cpSync(join(repository, name), join(folder, name), { recursive: true });
  }
  writeFileSync(join(folder, "examples", "quickstart", "index.ts"), program);
  for (const name of ["node_modules", "dist"]) symlinkSync(join(repository, name), join(folder, name), "junction");
  return folder;
}
