/** Runs what has the same name one after the other. */
export class OneAtATime {
  private readonly last = new Map<string, Promise<unknown>>();

  async run<T>(name: string, run: () => Promise<T>): Promise<T> {
    const before = this.last.get(name) ?? Promise.resolve();
    // Whether the one before failed is its own caller's concern.
    const running = before.then(run, run);
    this.last.set(name, running);
    try {
      return await running;
    } finally {
      if (this.last.get(name) === running) this.last.delete(name);
    }
  }
}
