import { tmpdir } from "node:os";
import { join } from "node:path";
import { InitError, type ProviderPort } from "../../engine/providerPort";
import { assetSignature, hasSignature, isMap, type PropertyMap, unwrapSecrets } from "../../engine/values";
import type { CrashPoint } from "./cases";
import { dist } from "./service";
import { Thread, ThreadError } from "./thread";

/** What a provider process is started with. */
export interface ProcessSettings {
  readonly env: Record<string, string>;
  /** The machine's name. */
  readonly host: string;
  /** What is added to the machine's time (ms). */
  readonly shift: number;
  readonly kill: CrashPoint | undefined;
}

/** Threads in which provider processes run: one in use, and one that has loaded already what takes long. */
export class ProviderThreads {
  private current: Thread | undefined;
  private spare: Thread;

  /** @param number tells the processes of these threads from those of others */
  constructor(private readonly number: number) {
    this.spare = started(number);
  }

  get thread(): Thread {
    if (this.current) return this.current;
    this.current = this.spare;
    this.spare = started(this.number);
    return this.current;
  }

  /** Kills whatever runs. The next process runs in a thread of its own. */
  async kill(): Promise<void> {
    const killed = this.current;
    this.current = undefined;
    await killed?.kill();
  }

  async end(): Promise<void> {
    await this.kill();
    await this.spare.kill();
  }
}

/** No two processes have one id, also of threads that were killed. */
const processesOfThread = 1_000;
let threads = 0;
/** Number of the process that lives in each place, seen by all threads; 0 where none does. */
const living = new Int32Array(new SharedArrayBuffer(16 * Int32Array.BYTES_PER_ELEMENT));

function started(number: number): Thread {
  const thread = new Thread(join(__dirname, "threads", "provider.cjs"), {
    dist,
    number,
    living,
    first: threads++ * processesOfThread,
    compileCache: join(tmpdir(), `aigc-model-compiled-${process.getuid?.() ?? 0}`),
  });
  void thread.call("warm").catch(() => {});
  return thread;
}

/** A provider process in a thread, reached by messages. */
export function providerPort(thread: Thread, settings: ProcessSettings): ProviderPort {
  const call = async <T>(method: string, ...args: unknown[]): Promise<T> => {
    try {
      return await thread.call<T>(method, ...args);
    } catch (error) {
      if (!(error instanceof ThreadError) || error.id === undefined) throw error;
      throw new InitError(error.id, (error.properties ?? {}) as PropertyMap, error.reasons ?? []);
    }
  };
  return {
    configure: ({ args }) => {
      const config = Object.fromEntries(Object.entries(args).map(([key, value]) => [key, unwrapSecrets(value)]));
      return call("load", { ...settings, config });
    },
    check: ({ olds, news }) => call("check", olds, news),
    diff: ({ id, olds, news }) => call("diff", id, withoutPaths(olds), withoutPaths(news)),
    create: ({ properties }) => call("create", withoutPaths(properties)),
    read: ({ id, properties }) => call("read", id, properties),
    update: ({ id, olds, news }) => call("update", id, withoutPaths(olds), withoutPaths(news)),
    delete: ({ id, properties }) => call("delete", id, properties),
    cancel: async () => {},
    close: async () => {},
  };
}

/** Where the file of an asset lies is told to `check` alone. */
function withoutPaths(value: PropertyMap): PropertyMap {
  const entries = Object.entries(value).map(
    ([key, inner]) => [key, isMap(inner) ? withoutPaths(inner) : inner] as const,
  );
  const isAsset = hasSignature(value, assetSignature);
  return Object.fromEntries(entries.filter(([key]) => !(isAsset && key === "path")));
}
