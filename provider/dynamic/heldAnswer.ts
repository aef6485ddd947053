/** What an answer is given through. */
const answering = ["respond", "write", "end", "sendTrailers"] as const;

type Method = (...args: never[]) => unknown;

/** A call, as far as its answer can be held. */
export type HeldStream = Partial<Record<(typeof answering)[number], Method>> & { readonly destroyed?: boolean };

/** Holds the answer to a call until something has settled, and no longer than the limit. */
export function holdAnswer(stream: HeldStream, until: Promise<unknown>, limitMs: number): void {
  const held: (() => unknown)[] = [];
  for (const name of answering) {
    const method = stream[name];
    if (method === undefined) continue;
    stream[name] = (...args) => {
      held.push(() => method.apply(stream, args));
      return true;
    };
  }
  const limit = Promise.withResolvers<void>();
  const timer = setTimeout(limit.resolve, limitMs);
  const release = () => {
    clearTimeout(timer);
    // The stream's class has them: they were only hidden.
    for (const name of answering) delete stream[name];
    if (!stream.destroyed) for (const go of held) go();
  };
  Promise.race([until, limit.promise]).then(release, release);
}
