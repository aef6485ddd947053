import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { type Emulator, startEmulator } from "pulumi-tencent-aigc/emulator";
import { type Engine, openStack } from "./engines.mts";
import { makeHermetic } from "./environment.mts";
import { gallery } from "./gallery.mts";
import { Progress } from "./progress.mts";
import { count, table, tasksOf } from "./report.mts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const galleryFile = join(root, "gallery.html");
const billing = "https://www.tencentcloud.com/document/product/266/95125";
/** The application of the API's own example. */
const subAppId = 251007502;

const usage = `Usage: npm start [-- [EXAMPLE] [--keep]]

Deploys an example against an emulator of the service on this machine. Nothing is generated, nothing is billed.

  EXAMPLE  a folder of examples/ that has a Pulumi.yaml (default: quickstart)
  --keep   leave the emulator running, with its page of the pictures, until Ctrl-C
`;

/** @returns the exit code */
export async function main(args: readonly string[]): Promise<number> {
  let keep = false;
  let project: string;
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { keep: { type: "boolean" }, help: { type: "boolean", short: "h" } },
    });
    if (values.help) {
      say(usage.trimEnd());
      return 0;
    }
    keep = values.keep ?? false;
    project = projectOf(positionals);
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${usage.trimEnd()}`);
    return 2;
  }
  const run = new Run(project);
  try {
    await run.deployTwice();
    if (keep) await run.keepOpen();
    return 0;
  } catch (error) {
    console.error(`\nThe quickstart failed. ${messageOf(error)}`);
    return run.interrupted ? 130 : 1;
  } finally {
    await run.close();
  }
}

/** @returns the folder of the example's Pulumi.yaml */
function projectOf([name = "quickstart", ...more]: readonly string[]): string {
  if (name === "quickstart" && more.length === 0) return root;
  const folder = join(root, "examples", name);
  if (more.length > 0 || !existsSync(join(folder, "Pulumi.yaml")))
    throw new Error(`There is no such example: ${[name, ...more].join(" ")}`);
  return folder;
}

class Run {
  interrupted = false;
  readonly #project: string;
  readonly #folder = mkdtempSync(join(tmpdir(), "tencent-aigc-quickstart-"));
  readonly #signals = new AbortController();
  #emulator: Emulator | undefined;
  #engine: Engine | undefined;

  constructor(project: string) {
    this.#project = project;
    // Not `once`: what else listens here takes a signal that nobody is left to hear for one to die of.
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => this.#interrupt(signal));
  }

  /** Lets what runs come to its end; the second time there is no waiting for that. */
  #interrupt(signal: NodeJS.Signals): void {
    if (this.interrupted) {
      this.#removeFolder();
      process.exit(130);
    }
    this.interrupted = true;
    this.#signals.abort();
    this.#engine?.interrupt(signal);
  }

  async deployTwice(): Promise<void> {
    const emulator = await startEmulator();
    this.#emulator = emulator;
    const photoFileId = emulator.addMedia({ subAppId, name: "photo of a car" });
    makeHermetic(process.env, { folder: this.#folder, emulator });
    const engine = await openStack(this.#project, this.#folder);
    this.#engine = engine;
    say(engine.line);
    await engine.stack.setAllConfig({
      "tencent-aigc:subAppId": { value: String(subAppId) },
      "tencent-aigc:journalDir": { value: join(this.#folder, "journal") },
      photoFileId: { value: photoFileId },
    });

    say("\nup:");
    await this.#up(engine, new Progress(process.stdout));
    const billed = emulator.ledger().billedImages;
    const tasks = tasksOf(await engine.stack.exportStack());
    const rows = tasks.map(({ name, taskId, status, urls }) => [name, taskId, status, urls[0]]);
    say(`\n${table(["NAME", "TASK ID", "STATUS", "URL"], rows)}\n`);
    writeFileSync(galleryFile, await gallery(tasks));
    say(`The pictures: ${pathToFileURL(galleryFile).href}`);

    say("\nup, again:");
    const again = new Progress(process.stdout);
    await this.#up(engine, again);
    const billedAgain = emulator.ledger().billedImages - billed;
    say(`  ${again.count("same")} unchanged, ${billedAgain} billed`);
    if (again.count("same") !== tasks.length || billedAgain !== 0) {
      throw new Error("The second update should have changed nothing: this is a bug of the package, please report it.");
    }

    say(`\nAt the service, ${count(billed, "image")} would have been billed. Prices: ${billing}`);
  }

  async keepOpen(): Promise<void> {
    say(`\nThe emulator's page: ${this.#emulator?.url}/ (until Ctrl-C)`);
    if (!this.#signals.signal.aborted) await once(this.#signals.signal, "abort");
  }

  async #up(engine: Engine, progress: Progress): Promise<void> {
    this.#check();
    try {
      await engine.up({ onEvent: progress.onEvent });
    } catch (error) {
      this.#check();
      // Whatever was reported as an error is printed above, in full.
      if (progress.errors.length > 0) throw new Error("Pulumi's messages above say what went wrong.", { cause: error });
      throw error;
    }
    this.#check();
  }

  #check(): void {
    if (this.interrupted) throw new Error("It was interrupted.");
  }

  async close(): Promise<void> {
    await this.#emulator?.close();
    this.#removeFolder();
  }

  #removeFolder(): void {
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function say(text: string): void {
  console.log(text);
}
