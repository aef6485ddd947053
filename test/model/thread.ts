import { Worker } from "node:worker_threads";

/** A failure of a call in a thread, with what it left behind if it left anything. */
export class ThreadError extends Error {
  readonly id?: string;
  readonly properties?: Record<string, unknown>;
  readonly reasons?: string[];
}

interface Pending {
  resolve(value: never): void;
  reject(error: Error): void;
}

/** A thread that answers calls. Once it is killed, a caller that waits for an answer waits for ever, as on a dead process. */
export class Thread {
  private readonly worker: Worker;
  private readonly pending = new Map<number, Pending>();
  private readonly listeners = new Map<string, () => void>();
  private calls = 0;

  constructor(file: string, data: Record<string, unknown>) {
    this.worker = new Worker(file, { workerData: data, env: { PATH: process.env["PATH"] } });
    this.worker.on("message", (message) => this.receive(message));
    this.worker.on("error", (error) => {
      for (const { reject } of this.pending.values()) reject(error as Error);
      this.pending.clear();
    });
  }

  call<T>(method: string, ...args: unknown[]): Promise<T> {
    const id = ++this.calls;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      this.worker.postMessage({ id, method, args });
    });
  }

  on(event: string, listener: () => void): void {
    this.listeners.set(event, listener);
  }

  async kill(): Promise<void> {
    this.pending.clear();
    this.listeners.clear();
    await this.worker.terminate();
  }

  private receive(message: { id: number; value?: unknown; error?: object; event?: string }): void {
    if (message.event !== undefined) {
      this.listeners.get(message.event)?.();
      return;
    }
    const pending = this.pending.get(message.id);
    this.pending.delete(message.id);
    if (!pending) return;
    if (message.error) pending.reject(Object.assign(new ThreadError(), message.error));
    else pending.resolve(message.value as never);
  }
}
