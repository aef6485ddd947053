import type { Clock } from "../vod/clock";

/** Pulumi's creates arrive some ten a second: this gathers them, and is nothing beside the making of a picture. */
const gatherMs = 100;
/** After a rest the first is not held up: only those that come along with it are asked for at once. */
const firstGatherMs = 10;

/** Answers single questions with requests of up to `most` of them; equal questions share one. */
export function gathered<T>(
  clock: Clock,
  most: number,
  ask: (keys: readonly string[]) => Promise<ReadonlyMap<string, T>>,
): (key: string) => Promise<T | undefined> {
  let waiting = new Map<string, PromiseWithResolvers<T | undefined>>();
  let askedAt = Number.NEGATIVE_INFINITY;
  const flush = (batch: typeof waiting) => {
    // It may have become full, and been asked for, before its time.
    if (waiting !== batch) return;
    waiting = new Map();
    askedAt = clock.now();
    ask([...batch.keys()]).then(
      (answers) => {
        for (const [key, { resolve }] of batch) resolve(answers.get(key));
      },
      (error) => {
        for (const { reject } of batch.values()) reject(error);
      },
    );
  };
  return (key) => {
    const known = waiting.get(key);
    if (known) return known.promise;
    const batch = waiting;
    if (batch.size === 0) {
      const rested = clock.now() - askedAt > gatherMs;
      void clock.sleep(rested ? firstGatherMs : gatherMs).then(() => flush(batch));
    }
    const question = Promise.withResolvers<T | undefined>();
    batch.set(key, question);
    if (batch.size === most) flush(batch);
    return question.promise;
  };
}
