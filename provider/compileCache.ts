import { enableCompileCache, flushCompileCache } from "node:module";
import { join } from "node:path";
import { requireOwnFolder, temporaryFolder } from "./temporaryFolder";

/** Until then the first requests have left. */
const flushAfterMs = 3_000;

/**
 * Lets Node.js keep what it has compiled for the next process: that is a third of what loading takes. Where the user has
 * set NODE_COMPILE_CACHE, it is kept there. The engine ends this process by a signal, on which Node.js writes nothing, so
 * it is written while it runs.
 */
function keepCompiled(env: NodeJS.ProcessEnv): void {
  // Coverage would miss functions that come from the cache.
  if (env["NODE_V8_COVERAGE"]) return;
  const folder = temporaryFolder();
  try {
    // Code is loaded from there: nobody else may write to it.
    requireOwnFolder(folder);
  } catch {
    // Loading takes longer, and nothing else is lost.
    return;
  }
  // Bun has neither.
  enableCompileCache?.(join(folder, "compiled"));
  setTimeout(() => flushCompileCache?.(), flushAfterMs).unref();
}

keepCompiled(process.env);
