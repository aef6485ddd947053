import { lstat, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Fetched, Result } from "./download";
import type { Parts } from "./parts";
import type { Picture } from "./pictures";

const name = "manifest.json";

/** How long a picture that has come in waits for others, so that one writing tells of many. */
const leastPauseMs = 500;
/** A manifest of many pictures takes long to write: no more than this part of the time is spent on it. */
const mostOfTime = 1 / 20;

/**
 * The manifest of a folder. It is written while the pictures come in, and as a whole each time, so that it tells what is
 * there whatever ends the process.
 */
export class Manifest {
  private readonly results = new Map<Picture, Result>();
  private pauseMs = leastPauseMs;
  private timer: NodeJS.Timeout | undefined;
  private writing = Promise.resolve();

  private constructor(
    private readonly folder: string,
    private readonly parts: Parts,
    private readonly pictures: readonly Picture[],
    private readonly before: ReadonlyMap<string, Fetched>,
  ) {}

  /** @param folder that is there */
  static async open(folder: string, parts: Parts, pictures: readonly Picture[]): Promise<Manifest> {
    return new Manifest(folder, parts, pictures, await entriesIn(join(folder, name)));
  }

  /** What an earlier run has fetched of the same picture, if its manifest is there. */
  former(picture: Picture): Fetched | undefined {
    const identity = identityOf({ ...picture, url: shownUrl(picture) });
    return identity === undefined ? undefined : this.before.get(identity);
  }

  add(picture: Picture, result: Result): void {
    this.results.set(picture, result);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.writing = this.writing.then(() => this.writeMeanwhile());
    }, this.pauseMs);
  }

  /** @throws where it cannot be written */
  async finish(): Promise<void> {
    clearTimeout(this.timer);
    await this.writing;
    await this.write();
  }

  count(kind: Result["kind"]): number {
    return [...this.results.values()].filter((result) => result.kind === kind).length;
  }

  private async writeMeanwhile(): Promise<void> {
    const began = performance.now();
    // What hinders it is told by the last writing, if it still does.
    await this.write().catch(() => undefined);
    this.pauseMs = Math.max(leastPauseMs, (performance.now() - began) / mostOfTime);
  }

  private async write(): Promise<void> {
    const entries = this.pictures.map((picture) => entryOf(picture, this.results.get(picture)));
    const temporary = this.parts.pathOf("manifest");
    await rm(temporary, { force: true });
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(`${JSON.stringify({ version: 1, pictures: entries }, undefined, 2)}\n`);
    } finally {
      await file.close();
    }
    // A link at its name is replaced, not followed.
    await rename(temporary, join(this.folder, name));
  }
}

function entryOf(picture: Picture, result: Result | undefined) {
  const { secretUrl: _, url: __, problem: ___, ...rest } = picture;
  const url = shownUrl(picture);
  const told = { ...rest, ...(url === undefined ? {} : { url }) };
  if (result === undefined) return { ...told, problem: "it is not fetched yet. Run the same command again to go on" };
  return result.kind === "missing"
    ? { ...told, problem: result.reason }
    : { ...told, size: result.size, sha256: result.sha256 };
}

function shownUrl({ url, secretUrl }: Picture): string | undefined {
  return secretUrl ? undefined : url;
}

const entrySchema = z.object({
  file: z.string(),
  url: z.string().optional(),
  taskId: z.string().optional(),
  fileId: z.string().optional(),
  size: z.number(),
  sha256: z.string(),
});

const manifestSchema = z.object({ version: z.literal(1), pictures: z.array(z.unknown()) });

/** Tells one picture of the service from another; undefined where nothing does. */
function identityOf({ file, url, taskId, fileId }: Omit<z.infer<typeof entrySchema>, keyof Fetched>) {
  if (url === undefined && taskId === undefined && fileId === undefined) return undefined;
  return JSON.stringify([file, url ?? null, taskId ?? null, fileId ?? null]);
}

/** What an earlier run has fetched. A file that is no manifest tells nothing, and is replaced. */
async function entriesIn(path: string): Promise<Map<string, Fetched>> {
  const entries = new Map<string, Fetched>();
  for (const entry of manifestSchema.safeParse(await jsonIn(path)).data?.pictures ?? []) {
    const { data } = entrySchema.safeParse(entry);
    const identity = data && identityOf(data);
    if (data && identity !== undefined) entries.set(identity, { size: data.size, sha256: data.sha256 });
  }
  return entries;
}

async function jsonIn(path: string): Promise<unknown> {
  try {
    // A pipe would be waited for.
    return (await lstat(path)).isFile() ? JSON.parse(await readFile(path, "utf8")) : undefined;
  } catch {
    return undefined;
  }
}
