import type { EngineLink } from "./engineLink";

const orphanWatchMs = 5_000;
const refusedAgainMs = 1_000;
/** In a row: so often the engine is asked before it counts as gone. */
const mostRefusals = 3;

/** Watches whether the engine still lives, as long as the process does. What is to end with it is asked to more than once. */
export function watchForOrphan(engine: EngineLink, endWhenIdle: () => void): void {
  async function watch(refusals: number): Promise<void> {
    const isRefused = (await engine.presence()) === "refuses";
    const inARow = isRefused ? refusals + 1 : 0;
    if (inARow >= mostRefusals) endWhenIdle();
    setTimeout(() => void watch(inARow), isRefused ? refusedAgainMs : orphanWatchMs).unref();
  }
  // At once: an engine that is killed early must have answered, or it would be taken for one that there never was.
  void watch(0);
}
