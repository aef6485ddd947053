import { subscribe } from "node:diagnostics_channel";
import type { IncomingHttpHeaders, ServerHttp2Session } from "node:http2";
import type { EngineLink } from "./engineLink";
import { createdStreams, hearsStreams } from "./hearsStreams";
import { type HeldStream, holdAnswer } from "./heldAnswer";
import type { Cancellation } from "./lifecycle/context";
import { TencentAigcError } from "./vod/errors";

export interface HostCalls {
  readonly cancellation: Cancellation;
  /** Whether Node tells of calls, and so of a Cancel. */
  readonly hearsEnd: Promise<boolean>;
  /** Runs a verb that asks the service for something: a Cancel ends it, also one that came just before it. */
  readonly cancellable: <T>(verb: () => Promise<T>) => Promise<T>;
}

const cancelPath = "/pulumirpc.ResourceProvider/Cancel";
/** How long an answer that is on its way is waited for after a Cancel. */
const cutOffMs = 1_000;
/** How long the answer to a Cancel is held for what is to be told before it: the engine ends this process right after. */
const holdMs = 1_000;

const orphanWatchMs = 5_000;
const refusedAgainMs = 1_000;
/** In a row: so often the engine is asked before it counts as gone. */
const mostRefusals = 3;

/**
 * Hears what the engine asks of this process, which all dynamic resources of a program share: a Cancel ends what this
 * provider has under way, and where the engine is gone the process ends once nothing in it is pending.
 *
 * Pulumi's host of dynamic providers passes no Cancel on. Node tells of the call all the same; Node 22.13 does not, and
 * there ^C ends nothing.
 *
 * @param atEnd tells what is to be told before a Cancel is answered; `isOver`, where nothing is under way any more
 */
export function hearHostCalls(engine: EngineLink, atEnd: (isOver: boolean) => Promise<void>): HostCalls {
  const cancelled = new AbortController();
  const cutOff = new AbortController();
  const sessions = new Set<ServerHttp2Session>();
  let server: ServerHttp2Session["server"] | undefined;
  let open = 0;
  let heardCancel = false;
  let waitingForIdle: (() => void)[] = [];

  function cancel(): void {
    if (cancelled.signal.aborted) return;
    const reason = cancelledError();
    cancelled.abort(reason);
    setTimeout(() => cutOff.abort(reason), cutOffMs);
  }

  const idle = () => (open === 0 ? Promise.resolve() : new Promise<void>((resolve) => waitingForIdle.push(resolve)));

  /** What was cancelled ends within a moment, and is told with the rest. */
  async function tell(wasUnderWay: boolean): Promise<void> {
    await idle();
    await atEnd(!wasUnderWay);
  }

  function hear({ stream, headers }: CreatedStream): void {
    const { session } = stream;
    if (session && !sessions.has(session)) {
      sessions.add(session);
      session.once("close", () => sessions.delete(session));
      server = session.server ?? server;
    }
    if (headers[":path"] !== cancelPath) return;
    // The engine also sends it when an operation has ended: then there is nothing to end.
    heardCancel = true;
    const wasUnderWay = open > 0;
    if (wasUnderWay) cancel();
    holdAnswer(stream, tell(wasUnderWay), holdMs);
  }

  /** Another package's call is never cut: the process ends by itself, when nothing keeps it busy any more. */
  function endWhenIdle(): void {
    server?.unref();
    for (const session of sessions) session.unref();
    if (server === undefined && process.getActiveResourcesInfo().every(isIdle)) process.exit();
  }

  async function watch(refusals: number): Promise<void> {
    const isRefused = (await engine.presence()) === "refuses";
    const inARow = isRefused ? refusals + 1 : 0;
    if (inARow >= mostRefusals) endWhenIdle();
    setTimeout(() => void watch(inARow), isRefused ? refusedAgainMs : orphanWatchMs).unref();
  }

  subscribe(createdStreams, (message) => hear(message as CreatedStream));
  setTimeout(() => void watch(0), orphanWatchMs).unref();
  return {
    hearsEnd: hearsStreams(),
    cancellation: { cancelled: cancelled.signal, cutOff: cutOff.signal },
    async cancellable(verb) {
      // A call that comes after it was on its way when the user cancelled.
      if (heardCancel) cancel();
      open++;
      try {
        return await verb();
      } finally {
        open--;
        if (open === 0) {
          for (const goOn of waitingForIdle) goOn();
          waitingForIdle = [];
        }
      }
    },
  };
}

/** What Node tells of a call that has come in. */
interface CreatedStream {
  readonly stream: HeldStream & { readonly session?: ServerHttp2Session };
  readonly headers: IncomingHttpHeaders;
}

/** What is there in a process that only waits for calls. */
function isIdle(resource: string): boolean {
  return ["TCPServerWrap", "PipeWrap", "TTYWrap"].includes(resource);
}

/** Why a call ended that a Cancel has ended. */
export function cancelledError(): TencentAigcError {
  return new TencentAigcError("The update was cancelled.", {
    billed: "no",
    nextStep: "Nothing more was sent; the next `pulumi up` goes on.",
  });
}
