import type { DiagnosticEvent } from "./events";
import { empty, engineProto, engineRpc, grpc, listen } from "./pulumiSdk";

type Handler<Request, Response> = (
  call: { request: Request },
  done: (error: { code: number; details: string } | null, response?: Response) => void,
) => void;

type Message<T extends abstract new (...args: never[]) => unknown> = InstanceType<T>;

/** A line that a program or a provider sent. */
export interface LogLine {
  readonly severity: DiagnosticEvent["severity"];
  /** The resource it is about; empty for none. */
  readonly urn: string;
  readonly message: string;
  readonly streamID: number;
  /** Meant for the row of the resource while it is worked on, not for the record. */
  readonly ephemeral: boolean;
}

export interface EngineListener {
  log(line: LogLine): void;
  /** The root resource was asked for. A provider can ask for it to find out whether its engine still runs. */
  asked?(): void;
}

/** The engine as programs and providers see it: a place to log to. */
export class EngineService {
  private readonly server = new grpc.Server();
  private rootResource = "";

  private constructor(private readonly listener: EngineListener) {}

  static async start(listener: EngineListener): Promise<{ address: string; stop(): void }> {
    const service = new EngineService(listener);
    service.server.addService(engineRpc.EngineService, service.handlers() as never);
    const address = await listen(service.server);
    return { address, stop: () => service.server.forceShutdown() };
  }

  private handlers(): Record<string, unknown> {
    const log: Handler<Message<typeof engineProto.LogRequest>, unknown> = ({ request }, done) => {
      const severity = severities[request.getSeverity()];
      const urn = request.getUrn();
      if (severity === undefined || (urn !== "" && !urn.startsWith("urn:pulumi:"))) {
        const details = severity === undefined ? "Unrecognized logging severity" : `Invalid URN ${JSON.stringify(urn)}`;
        return done({ code: grpc.status.INVALID_ARGUMENT, details });
      }
      const ephemeral = request.getEphemeral();
      this.listener.log({ severity, urn, message: request.getMessage(), streamID: request.getStreamid(), ephemeral });
      done(null, empty());
    };
    const getRootResource: Handler<unknown, unknown> = (_call, done) => {
      this.listener.asked?.();
      const response = new engineProto.GetRootResourceResponse();
      response.setUrn(this.rootResource);
      done(null, response);
    };
    const setRootResource: Handler<Message<typeof engineProto.SetRootResourceRequest>, unknown> = (call, done) => {
      this.rootResource = call.request.getUrn();
      done(null, new engineProto.SetRootResourceResponse());
    };
    // Without a CLI no version can be wrong.
    const requirePulumiVersion: Handler<unknown, unknown> = (_call, done) =>
      done(null, new engineProto.RequirePulumiVersionResponse());
    return { log, getRootResource, setRootResource, requirePulumiVersion };
  }
}

const severities: Record<number, DiagnosticEvent["severity"]> = {
  [engineProto.LogSeverity.DEBUG]: "debug",
  [engineProto.LogSeverity.INFO]: "info",
  [engineProto.LogSeverity.WARNING]: "warning",
  [engineProto.LogSeverity.ERROR]: "error",
};
