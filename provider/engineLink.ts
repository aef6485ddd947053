import { createRequire } from "node:module";
import type { Engine } from "./lifecycle/context";
import { TencentAigcError } from "./vod/errors";

/** The gRPC client of Pulumi's engine, as far as it is used here. */
interface EngineClient {
  log(request: unknown, done: (error: Error | null) => void): void;
  getRootResource(request: unknown, done: (error: Error | null) => void): void;
}

/** How long a local process may take to answer. */
const answerMs = 5_000;

export interface EngineLink extends Engine {
  /**
   * Whether whoever runs this update is still there: false only if an engine has answered this process before and does
   * so no longer.
   */
  alive(): Promise<boolean>;
}

/**
 * The way back to the engine that runs this process: texts for its rows, and whether it still lives. Quiet and harmless
 * where no engine listens.
 *
 * @param address the engine's, as the host got it on its command line
 */
export function linkEngine(address: string | undefined): EngineLink {
  const engine = connect(address);
  let answered = false;
  let asking: Promise<boolean> | undefined;
  /** Whether the engine answers in time. */
  const asks = async (send: (done: (error: Error | null) => void) => void): Promise<boolean> => {
    const answers = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), answerMs);
      send((error) => {
        clearTimeout(timer);
        resolve(error === null);
      });
    });
    answered ||= answers;
    return answers;
  };
  const log = async (severity: "INFO" | "WARNING", text: string, urn: string | undefined, ephemeral: boolean) => {
    if (engine === undefined) return;
    const { client, messages } = engine;
    const request = new messages.LogRequest();
    request.setSeverity(messages.LogSeverity[severity]);
    request.setMessage(text);
    // Anything but a bare URN makes the CLI panic and leaves the stack locked.
    if (urn !== undefined && isUrn(urn)) request.setUrn(urn);
    request.setEphemeral(ephemeral);
    await asks((done) => client.log(request, done));
  };
  const link: EngineLink = {
    async row(urn, text) {
      if (urn !== undefined) await log("INFO", text, urn, true);
    },
    async stackRow(urn, text) {
      const stack = urn === undefined ? undefined : stackUrn(urn);
      if (stack !== undefined) await log("INFO", text, stack, true);
    },
    note: (text, urn) => log("INFO", text, urn, false),
    warn: (text, urn) => log("WARNING", text, urn, false),
    async alive() {
      if (engine === undefined) return true;
      const { client, messages } = engine;
      // Whoever asks while an answer is on its way shares it.
      asking ??= asks((done) => client.getRootResource(new messages.GetRootResourceRequest(), done)).finally(() => {
        asking = undefined;
      });
      return (await asking) || !answered;
    },
    async requireAlive() {
      if (await link.alive()) return;
      throw new TencentAigcError("The Pulumi engine that asked for this picture is gone.", {
        billed: "no",
        nextStep: "Nothing was sent for it; the next `pulumi up` does.",
      });
    },
  };
  return link;
}

/** `urn:pulumi:<stack>::<project>::<type>::<name>` and nothing around it. */
export function isUrn(text: string): boolean {
  return /^urn:pulumi:[^:\s]+::[^:\s]+::[^\s]+?::\S(?:.*\S)?$/.test(text) && text.split("::").length >= 4;
}

/** The URN of the stack that a resource's URN lies in. */
export function stackUrn(urn: string): string | undefined {
  const [, stack, project] = /^urn:pulumi:([^:]+)::([^:]+)::/.exec(urn) ?? [];
  return stack && project ? `urn:pulumi:${stack}::${project}::pulumi:pulumi:Stack::${project}-${stack}` : undefined;
}

function connect(address: string | undefined) {
  if (address === undefined || !/^[\w.[\]-]*:\d+$/.test(address)) return undefined;
  try {
    // The host's own copies: a second copy of gRPC would not know the first one's messages.
    const pulumi = createRequire(process.argv[1] ?? __filename);
    const sdk = createRequire(pulumi.resolve("@pulumi/pulumi/package.json"));
    const grpc = sdk("@grpc/grpc-js");
    const { EngineClient } = sdk("./proto/engine_grpc_pb.js");
    const messages = sdk("./proto/engine_pb.js");
    const client: EngineClient = new EngineClient(address, grpc.credentials.createInsecure());
    return { client, messages };
  } catch {
    return undefined;
  }
}
