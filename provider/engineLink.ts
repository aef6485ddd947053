import { connect as connectTcp } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "./lifecycle/context";
import { loadPulumiSdk } from "./pulumiSdk";
import { TencentAigcError } from "./vod/errors";

/** Makes a call, and tells when it has ended. */
type Call = (options: { deadline: number }, done: (error: { code: number } | null) => void) => void;

/** gRPC's codes for a call that nobody has answered: CANCELLED, DEADLINE_EXCEEDED, UNAVAILABLE. */
const unansweredCodes: readonly number[] = [1, 4, 14];

/** How long a local process may take to answer. */
const answerMs = 5_000;
const connectMs = 1_000;
const askAgainMs = 250;

/**
 * - `answers`: the engine is there, or none has ever answered this process;
 * - `silent`: it is paused, or the machine was;
 * - `refuses`: it has answered before, and nothing listens at its address any more.
 */
export type Presence = "answers" | "silent" | "refuses";

export interface EngineLink extends Engine {
  presence(): Promise<Presence>;
}

/**
 * The way back to the engine that runs this process: texts for its rows, and whether it still lives. Quiet and harmless
 * where no engine listens.
 *
 * @param address the engine's, as the host got it on its command line
 */
export function linkEngine(address: string | undefined): EngineLink {
  const engine = connect(address);
  // At the end there is little time: the engine ends this process as soon as it has an answer.
  engine?.client.waitForReady(Date.now() + answerMs, () => {});
  let answered = false;
  let asking: Promise<Presence> | undefined;
  /** Whether the engine answers in time. */
  const asks = async (call: Call): Promise<boolean> => {
    const answers = await new Promise<boolean>((resolve) => {
      call({ deadline: Date.now() + answerMs }, (error) =>
        resolve(error === null || !unansweredCodes.includes(error.code)),
      );
    });
    answered ||= answers;
    return answers;
  };
  const ask = async ({ client, messages, metadata, host, port }: Connected): Promise<Presence> => {
    const request = new messages.GetRootResourceRequest();
    if (await asks((options, done) => client.getRootResource(request, metadata, options, done))) return "answers";
    if (!(await refuses(host, port))) return "silent";
    return answered ? "refuses" : "answers";
  };
  const log = async (severity: "INFO" | "WARNING", text: string, urn: string | undefined, ephemeral: boolean) => {
    if (engine === undefined) return;
    const { client, messages, metadata } = engine;
    const request = new messages.LogRequest();
    request.setSeverity(messages.LogSeverity[severity]);
    request.setMessage(text);
    // Anything but a bare URN makes the CLI panic and leaves the stack locked.
    if (urn !== undefined && isUrn(urn)) request.setUrn(urn);
    request.setEphemeral(ephemeral);
    await asks((options, done) => client.log(request, metadata, options, done));
  };
  const link: EngineLink = {
    address: engine && address,
    async row(urn, text) {
      if (urn !== undefined) await log("INFO", text, urn, true);
    },
    async stackRow(urn, text) {
      const stack = urn === undefined ? undefined : stackUrn(urn);
      if (stack !== undefined) await log("INFO", text, stack, true);
    },
    stackNote: (urn, text) => log("INFO", text, stackUrn(urn), false),
    note: (text, urn) => log("INFO", text, urn, false),
    warn: (text, urn) => log("WARNING", text, urn, false),
    async presence() {
      if (engine === undefined) return "answers";
      // A caller that asks while an answer is on its way shares it.
      asking ??= ask(engine).finally(() => {
        asking = undefined;
      });
      return asking;
    },
    async requireAlive(cancelled) {
      for (;;) {
        const presence = await unlessAborted(link.presence(), cancelled);
        if (presence === "answers") return;
        if (presence === "refuses") throw engineGone();
        await unlessAborted(sleep(askAgainMs), cancelled);
      }
    },
  };
  return link;
}

/** `urn:pulumi:<stack>::<project>::<type>::<name>` and nothing around it. */
export function isUrn(text: string): boolean {
  return /^urn:pulumi:[^:\s]+::[^:\s]+::[^\s]+?::\S(?:.*\S)?$/.test(text) && text.split("::").length >= 4;
}

/** The URN of the stack that a resource's URN belongs to. */
export function stackUrn(urn: string): string | undefined {
  const [, stack, project] = /^urn:pulumi:([^:]+)::([^:]+)::/.exec(urn) ?? [];
  return stack && project ? `urn:pulumi:${stack}::${project}::pulumi:pulumi:Stack::${project}-${stack}` : undefined;
}

function engineGone(): TencentAigcError {
  return new TencentAigcError("The Pulumi engine that asked for this picture is gone.", {
    billed: "no",
    nextStep: "Nothing was sent for it; the next `pulumi up` does.",
  });
}

/** Whether nothing listens at an address. A process that is paused takes connections all the same. */
function refuses(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTcp({ host, port, timeout: connectMs });
    const tell = (refused: boolean) => {
      socket.destroy();
      resolve(refused);
    };
    socket.once("connect", () => tell(false));
    socket.once("timeout", () => tell(false));
    socket.once("error", (error: NodeJS.ErrnoException) => tell(error.code === "ECONNREFUSED"));
  });
}

/** @throws the signal's reason as soon as it is aborted */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

type Connected = NonNullable<ReturnType<typeof connect>>;

function connect(address: string | undefined) {
  const [, host = "", port] = /^\[?([\w.:-]*?)\]?:(\d+)$/.exec(address ?? "") ?? [];
  if (address === undefined || port === undefined) return undefined;
  try {
    const { grpc, engineRpc, engineMessages: messages } = loadPulumiSdk();
    const client = new engineRpc.EngineClient(address, grpc.credentials.createInsecure());
    return { client, messages, metadata: new grpc.Metadata(), host: host || "localhost", port: Number(port) };
  } catch {
    return undefined;
  }
}
