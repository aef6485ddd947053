import { tmpdir } from "node:os";
import { join } from "node:path";
import { InitError, type ProviderPort } from "../../engine/providerPort";
import { type PropertyMap, unwrapSecrets } from "../../engine/values";
import type { CrashPoint } from "./cases";
import { dist } from "./service";
import { Thread, ThreadError } from "./thread";

/** What a provider process is started with. */
export interface ProcessSettings {
  readonly env: Record<string, string>;
  /** What is added to the machine's time (ms). */
  readonly shift: number;
  readonly kill: CrashPoint | undefined;
}

/** Threads in which provider processes run: one in use, and one that has loaded already what takes long. */
export class ProviderThreads {
  private current: Thread | undefined;
  private spare = started();

  get thread(): Thread {
    if (this.current) return this.current;
    this.current = this.spare;
    this.spare = started();
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

function started(): Thread {
  const thread = new Thread(join(__dirname, "threads", "provider.cjs"), {
    dist,
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
    diff: ({ id, olds, news }) => call("diff", id, olds, news),
    create: ({ properties }) => call("create", properties),
    read: ({ id, properties }) => call("read", id, properties),
    update: ({ id, olds, news }) => call("update", id, olds, news),
    delete: ({ id, properties }) => call("delete", id, properties),
    cancel: async () => {},
    close: async () => {},
  };
}
