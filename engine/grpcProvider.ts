import { needsPulumi } from "./needsPulumi";
import {
  type CheckConfigRequest,
  type CheckFailure,
  type DiffConfigRequest,
  type DiffResponse,
  InitError,
  type InvokeRequest,
  type InvokeResponse,
  ProviderGoneError,
  type ProviderPort,
} from "./providerPort";
import {
  channelOptions,
  empty,
  fromStruct,
  grpc,
  providerProto,
  providerRpc,
  statusProto,
  toStruct,
} from "./pulumiSdk";
import { packageOf, parseUrn } from "./urn";
import { mapValue, type PropertyMap, unwrapSecrets } from "./values";

type Client = InstanceType<typeof providerRpc.ResourceProviderClient>;

export interface Connection {
  /** Ends the process that serves the address; left out where it is not ours to end. */
  readonly end?: () => Promise<void>;
  /** How long `cancel` waits for its answer, in milliseconds. @default 5000 */
  readonly cancelLimit?: number;
}

/** A provider that serves gRPC at an address, as every plugin of Pulumi does. */
export function connectProvider(address: string, connection: Connection = {}): ProviderPort {
  const client = new providerRpc.ResourceProviderClient(address, grpc.credentials.createInsecure(), channelOptions);
  return new GrpcProvider(client, connection.end ?? (async () => {}), connection.cancelLimit ?? 5_000);
}

class GrpcProvider implements ProviderPort {
  private closed: Promise<void> | undefined;

  constructor(
    private readonly client: Client,
    private readonly end: () => Promise<void>,
    private readonly cancelLimit: number,
  ) {}

  async configure({ urn, id, args }: Parameters<ProviderPort["configure"]>[0]): ReturnType<ProviderPort["configure"]> {
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
      request.getVariablesMap().set(`${packageOf(type)}:config:${key}`, text);
    }
    const response = await call<InstanceType<typeof providerProto.ConfigureResponse>>((done) =>
      this.client.configure(request, done),
    );
    return { acceptSecrets: response.getAcceptsecrets(), supportsPreview: response.getSupportspreview() };
  }

  async checkConfig({ urn, olds, news }: CheckConfigRequest): Promise<Checked | undefined> {
    const request = identify(new providerProto.CheckRequest(), urn);
    request.setOlds(toStruct(olds));
    request.setNews(toStruct(news));
    return unlessUnimplemented(async () => {
      const response = await call<InstanceType<typeof providerProto.CheckResponse>>((done) =>
        this.client.checkConfig(request, done),
      );
      return checked(response);
    });
  }

  async diffConfig({ urn, id, oldInputs, olds, news }: DiffConfigRequest): Promise<DiffResponse> {
    const request = identify(new providerProto.DiffRequest(), urn);
    request.setId(id);
    request.setOldInputs(toStruct(oldInputs));
    request.setOlds(toStruct(olds));
    request.setNews(toStruct(news));
    const difference = await unlessUnimplemented(async () => {
      const response = await call<InstanceType<typeof providerProto.DiffResponse>>((done) =>
        this.client.diffConfig(request, done),
      );
      return differenceIn(response);
    });
    return difference ?? { changes: "unknown", replaces: [] };
  }

  async check({ urn, olds, news }: Parameters<ProviderPort["check"]>[0]): ReturnType<ProviderPort["check"]> {
    const request = identify(new providerProto.CheckRequest(), urn);
    request.setOlds(toStruct(olds));
    request.setNews(toStruct(news));
    const response = await call<InstanceType<typeof providerProto.CheckResponse>>((done) =>
      this.client.check(request, done),
    );
    return checked(response);
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
    if (response.getDeletebeforereplace()) throw needsPulumi(`deleting ${diff.urn} before it is replaced`);
    return differenceIn(response);
  }

  async create(create: Parameters<ProviderPort["create"]>[0]): ReturnType<ProviderPort["create"]> {
    const request = identify(new providerProto.CreateRequest(), create.urn);
    request.setProperties(toStruct(create.properties));
    request.setTimeout(create.timeout);
    request.setPreview(create.preview);
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
    request.setPreview(update.preview);
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

  async invoke({ token, args }: InvokeRequest): Promise<InvokeResponse> {
    const request = new providerProto.InvokeRequest();
    request.setTok(token);
    request.setArgs(toStruct(args));
    const response = await call<InstanceType<typeof providerProto.InvokeResponse>>((done) =>
      this.client.invoke(request, done),
    );
    return { result: properties(response.getReturn()), failures: failuresIn(response) };
  }

  async cancel(): Promise<void> {
    const deadline = Date.now() + this.cancelLimit;
    await call((done) => this.client.cancel(empty(), new grpc.Metadata(), { deadline }, done));
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

type Checked = Awaited<ReturnType<ProviderPort["check"]>>;

function checked(response: InstanceType<typeof providerProto.CheckResponse>): Checked {
  return { inputs: properties(response.getInputs()), failures: failuresIn(response) };
}

function failuresIn(
  response: Pick<InstanceType<typeof providerProto.CheckResponse>, "getFailuresList">,
): CheckFailure[] {
  return response.getFailuresList().map((failure) => ({
    property: failure.getProperty(),
    reason: failure.getReason(),
  }));
}

function differenceIn(response: InstanceType<typeof providerProto.DiffResponse>): DiffResponse {
  const { DIFF_NONE, DIFF_SOME } = providerProto.DiffResponse.DiffChanges;
  const changes = response.getChanges();
  return {
    changes: changes === DIFF_NONE ? "none" : changes === DIFF_SOME ? "some" : "unknown",
    replaces: response.getReplacesList(),
  };
}

/** What not every provider has: undefined where this one does not. */
async function unlessUnimplemented<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof UnimplementedError) return undefined;
    throw error;
  }
}

/** The provider has no such call. */
class UnimplementedError extends Error {
  override readonly name = "UnimplementedError";
}

function properties(struct: Parameters<typeof fromStruct>[0]): PropertyMap {
  return mapValue(fromStruct(struct), () => undefined) as PropertyMap;
}

interface RpcError extends Error {
  code: number;
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
  if (error.code === grpc.status.UNAVAILABLE) return new ProviderGoneError(error.details);
  if (error.code === grpc.status.UNIMPLEMENTED) return new UnimplementedError(error.details);
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
