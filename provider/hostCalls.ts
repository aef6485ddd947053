import type { EngineLink } from "./engineLink";
import type { Cancellation } from "./lifecycle/context";
import { TencentAigcError } from "./vod/errors";

export interface HostCalls {
  readonly cancellation: Cancellation;
  /** Runs a verb, which keeps this process alive. */
  readonly whileOpen: <T>(verb: () => Promise<T>) => Promise<T>;
}

const orphanWatchMs = 5_000;

/** What the process that hosts this provider is asked: open verbs are counted, and an orphan ends itself. */
export function hearHostCalls(engine: EngineLink): HostCalls {
  const cancelled = new AbortController();
  let open = 0;
  // A killed CLI leaves this process behind: it ends once nothing it began is pending.
  setInterval(() => {
    if (open > 0) return;
    void engine.alive().then((alive) => {
      if (!alive && open === 0) process.exit(0);
    });
  }, orphanWatchMs).unref();
  return {
    cancellation: { cancelled: cancelled.signal, cutOff: cancelled.signal },
    async whileOpen(verb) {
      open++;
      try {
        return await verb();
      } finally {
        open--;
      }
    },
  };
}

/** Why a call ended that a Cancel has ended. */
export function cancelledError(): TencentAigcError {
  return new TencentAigcError("The update was cancelled.", {
    billed: "no",
    nextStep: "Nothing more was sent; the next `pulumi up` goes on.",
  });
}
