import { spawn } from "node:child_process";
import { eachLine, exitOf, stop } from "./childProcess";
import { type Project, resolveFromProgram } from "./project";
import { InitError, type ProviderPort } from "./providerPort";
import { channelOptions, fromStruct, grpc, providerProto, providerRpc, statusProto, toStruct } from "./pulumiSdk";
import { parseUrn } from "./urn";
import { mapValue, type PropertyMap, unwrapSecrets } from "./values";

type Client = InstanceType<typeof providerRpc.ResourceProviderClient>;

export interface DynamicProviderOptions {
  project: Project;
  engineAddress: string;
  environment: NodeJS.ProcessEnv;
  output(kind: "info" | "info#err", line: string): void;
}

/** The package of everything that `pulumi.dynamic` and its relatives make. */
export const dynamicPackage = "pulumi-nodejs";

/** Starts the SDK's own host of dynamic providers, and reaches it over gRPC. */
export async function startDynamicProvider(options: DynamicProviderOptions): Promise<ProviderPort> {
  const { project, engineAddress } = options;
  const script = resolveFromProgram(project, "@pulumi/pulumi/cmd/dynamic-provider");
  const child = spawn(process.execPath, [script, engineAddress], {
    cwd: project.programDirectory,
    env: {
      ...options.environment,
      PULUMI_PROJECT: project.name,
      PULUMI_NODEJS_PROJECT: project.name,
      // Only configuration of the provider's own package goes this way, which for dynamic providers is none.
      PULUMI_CONFIG: "{}",
      ...runtimeOptions(project),
    },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const exited = exitOf(child);
  exited.catch(() => {});
  const port = await new Promise<string>((resolve, reject) => {
    let first = true;
    eachLine(child.stdout, (line) => {
      if (first) resolve(line.trim());
      else options.output("info", line);
      first = false;
    });
    eachLine(child.stderr, (line) => options.output("info#err", line));
    exited.then(({ code }) => reject(new Error(`could not start the dynamic provider: exit status ${code}`)), reject);
  });
  if (!/^\d+$/.test(port)) {
    await stop(child, exited);
    throw new Error(`the dynamic provider wrote an invalid port to stdout: ${JSON.stringify(port)}`);
  }
  const address = `127.0.0.1:${port}`;
  const client = new providerRpc.ResourceProviderClient(address, grpc.credentials.createInsecure(), channelOptions);
  return new GrpcProvider(client, () => stop(child, exited));
}

function runtimeOptions({ runtimeOptions: options }: Project): Record<string, string> {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [`PULUMI_RUNTIME_${name.toUpperCase()}`, String(value)]),
  );
}

class GrpcProvider implements ProviderPort {
  private closed: Promise<void> | undefined;

  constructor(
    private readonly client: Client,
    private readonly end: () => Promise<void>,
  ) {}

  async configure({ urn, id, args }: Parameters<ProviderPort["configure"]>[0]): Promise<void> {
    const request = new providerProto.ConfigureRequest();
    const { name, type } = parseUrn(urn);
    request.setUrn(urn).setName(name).setType(type).setId(id);
    request.setAcceptsecrets(true);
    request.setAcceptresources(true);
    request.setSendsOldInputs(true);
    request.setSendsOldInputsToDelete(true);
    request.setArgs(toStruct(args));
    for (const [key, value] of Object.entries(args)) {
      const plain = unwrapSecrets(value);
      const text = typeof plain === "string" ? plain : JSON.stringify(plain);
      request.getVariablesMap().set(`${dynamicPackage}:config:${key}`, text);
    }
    await call((done) => this.client.configure(request, done));
  }

  async check({ urn, olds, news }: Parameters<ProviderPort["check"]>[0]): ReturnType<ProviderPort["check"]> {
    const request = identify(new providerProto.CheckRequest(), urn);
    request.setOlds(toStruct(olds));
    request.setNews(toStruct(news));
    const response = await call<InstanceType<typeof providerProto.CheckResponse>>((done) =>
      this.client.check(request, done),
    );
    const failures = response.getFailuresList().map((failure) => ({
      property: failure.getProperty(),
      reason: failure.getReason(),
    }));
    return { inputs: properties(response.getInputs()), failures };
  }

  async diff(diff: Parameters<ProviderPort["diff"]>[0]): ReturnType<ProviderPort["diff"]> {
    const request = identify(new providerProto.DiffRequest(), diff.urn);
    request.setId(diff.id);
    request.setOldInputs(toStruct(diff.oldInputs));
    request.setOlds(toStruct(diff.olds));
    request.setNews(toStruct(diff.news));
    request.setIgnorechangesList(diff.ignoreChanges);
    const response = await call<InstanceType<typeof providerProto.DiffResponse>>((done) =>
      this.client.diff(request, done),
    );
    const { DIFF_NONE, DIFF_SOME } = providerProto.DiffResponse.DiffChanges;
    const changes = response.getChanges();
    return {
      changes: changes === DIFF_NONE ? "none" : changes === DIFF_SOME ? "some" : "unknown",
      replaces: response.getReplacesList(),
      deleteBeforeReplace: response.getDeletebeforereplace(),
    };
  }

  async create(create: Parameters<ProviderPort["create"]>[0]): ReturnType<ProviderPort["create"]> {
    const request = identify(new providerProto.CreateRequest(), create.urn);
    request.setProperties(toStruct(create.properties));
    request.setTimeout(create.timeout);
    const response = await call<InstanceType<typeof providerProto.CreateResponse>>((done) =>
      this.client.create(request, done),
    );
    return { id: response.getId(), properties: properties(response.getProperties()) };
  }

  async read(read: Parameters<ProviderPort["read"]>[0]): ReturnType<ProviderPort["read"]> {
    const request = identify(new providerProto.ReadRequest(), read.urn);
    request.setId(read.id);
    request.setProperties(toStruct(read.properties));
    request.setInputs(toStruct(read.inputs));
    const response = await call<InstanceType<typeof providerProto.ReadResponse>>((done) =>
      this.client.read(request, done),
    );
    const result = { id: response.getId(), properties: properties(response.getProperties()) };
    const inputs = response.getInputs();
    return inputs ? { ...result, inputs: properties(inputs) } : result;
  }

  async update(update: Parameters<ProviderPort["update"]>[0]): ReturnType<ProviderPort["update"]> {
    const request = identify(new providerProto.UpdateRequest(), update.urn);
    request.setId(update.id);
    request.setOlds(toStruct(update.olds));
    request.setOldInputs(toStruct(update.oldInputs));
    request.setNews(toStruct(update.news));
    request.setTimeout(update.timeout);
    request.setIgnorechangesList(update.ignoreChanges);
    const response = await call<InstanceType<typeof providerProto.UpdateResponse>>((done) =>
      this.client.update(request, done),
    );
    return { properties: properties(response.getProperties()) };
  }

  async delete(remove: Parameters<ProviderPort["delete"]>[0]): Promise<void> {
    const request = identify(new providerProto.DeleteRequest(), remove.urn);
    request.setId(remove.id);
    request.setProperties(toStruct(remove.properties));
    request.setOldInputs(toStruct(remove.oldInputs));
    request.setTimeout(remove.timeout);
    await call((done) => this.client.delete(request, done));
  }

  close(): Promise<void> {
    this.closed ??= this.shutDown();
    return this.closed;
  }

  private async shutDown(): Promise<void> {
    this.client.close();
    await this.end();
  }
}

/** Sets what every request says about the resource; older SDKs know the URN only. */
function identify<R extends { setUrn(urn: string): unknown }>(request: R, urn: string): R {
  const { name, type } = parseUrn(urn);
  request.setUrn(urn);
  const newer = request as { setName?(name: string): unknown; setType?(type: string): unknown };
  newer.setName?.(name);
  newer.setType?.(type);
  return request;
}

function properties(struct: Parameters<typeof fromStruct>[0]): PropertyMap {
  return mapValue(fromStruct(struct), () => undefined) as PropertyMap;
}

interface RpcError extends Error {
  details: string;
  metadata: { get(key: string): (string | Buffer)[] };
}

function call<Response>(
  start: (done: (error: Error | null, response: Response) => void) => unknown,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    start((error, response) => (error ? reject(errorOf(error as RpcError)) : resolve(response)));
  });
}

/** A failure that left a resource behind says so in the details of its status. */
function errorOf(error: RpcError): Error {
  const [bytes] = error.metadata?.get("grpc-status-details-bin") ?? [];
  if (Buffer.isBuffer(bytes)) {
    for (const detail of statusProto.Status.deserializeBinary(bytes).getDetailsList()) {
      if (!detail.getTypeUrl().endsWith("pulumirpc.ErrorResourceInitFailed")) continue;
      const failed = providerProto.ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8());
      return new InitError(failed.getId(), fromStruct(failed.getProperties()), failed.getReasonsList());
    }
  }
  return new Error(error.details || error.message);
}
