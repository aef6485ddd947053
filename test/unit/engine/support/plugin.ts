import { empty, fromStruct, grpc, listen, providerProto, providerRpc, toStruct } from "../../../../engine/pulumiSdk";
import type { PropertyMap } from "../../../../engine/values";

export interface PluginCall {
  readonly method: string;
  readonly properties?: PropertyMap;
  readonly preview?: boolean;
}

/** A provider of the package `pictures`, as a plugin's process serves it. It accepts secrets and previews. */
export interface Plugin {
  readonly address: string;
  readonly calls: PluginCall[];
  /** What a real `create`, and `cancel`, wait for before they answer. */
  creating: Promise<void>;
  cancelling: Promise<void>;
  stop(): void;
}

type Request<Name extends keyof typeof providerProto> = InstanceType<(typeof providerProto)[Name]>;
type Done = (error: null, response: unknown) => void;

export async function startPlugin(): Promise<Plugin> {
  const server = new grpc.Server();
  const calls: PluginCall[] = [];
  const handlers = {
    configure({ request }: { request: Request<"ConfigureRequest"> }, done: Done) {
      calls.push({ method: "configure", properties: fromStruct(request.getArgs()) });
      done(null, new providerProto.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true));
    },
    check({ request }: { request: Request<"CheckRequest"> }, done: Done) {
      calls.push({ method: "check", properties: fromStruct(request.getNews()) });
      done(null, new providerProto.CheckResponse().setInputs(request.getNews()));
    },
    async create({ request }: { request: Request<"CreateRequest"> }, done: Done) {
      const properties = fromStruct(request.getProperties());
      const preview = request.getPreview();
      calls.push({ method: "create", properties, preview });
      if (!preview) await plugin.creating;
      const outputs = toStruct({ ...properties, size: 7 });
      done(null, new providerProto.CreateResponse().setId(preview ? "" : "picture-1").setProperties(outputs));
    },
    delete(_call: unknown, done: Done) {
      calls.push({ method: "delete" });
      done(null, empty());
    },
    async cancel(_call: unknown, done: Done) {
      calls.push({ method: "cancel" });
      await plugin.cancelling;
      done(null, empty());
    },
  };
  server.addService(providerRpc.ResourceProviderService, handlers as never);
  const plugin: Plugin = {
    address: await listen(server),
    calls,
    creating: Promise.resolve(),
    cancelling: Promise.resolve(),
    stop: () => server.forceShutdown(),
  };
  return plugin;
}
