import {
  type Capabilities,
  type CheckFailure,
  endProvider,
  InitError,
  type InvokeResponse,
  type ProviderPort,
  signalCancel,
} from "./providerPort";
import {
  annotateSecrets,
  changedKeys,
  containsUnknowns,
  deepEquals,
  type PropertyMap,
  toProvider,
  type WireOptions,
} from "./values";

export interface Difference {
  changed: boolean;
  replaceKeys: string[];
  changedKeys: string[];
}

export interface Checked {
  inputs: PropertyMap;
  failures: CheckFailure[];
}

interface Identity {
  urn: string;
  id: string;
}

/** The outputs of an operation, and the error of one that failed half-way. */
export interface OperationResult {
  id: string;
  outputs: PropertyMap;
  initError?: InitError;
}

const noCapabilities: Capabilities = { acceptSecrets: false, supportsPreview: false };

/**
 * A provider as the engine uses it: values with their secrets go in and come out. For a provider that does not accept
 * secrets it unwraps them before a call, and marks what comes back under the same keys; it answers previews itself for a
 * provider that does not support them.
 */
export class ResourceProvider {
  private configured: Promise<Capabilities> = Promise.resolve(noCapabilities);

  constructor(private readonly port: ProviderPort) {}

  /** Does not wait for the provider; later calls do. */
  configure(urn: string, id: string, inputs: PropertyMap): void {
    this.configured = this.port
      .configure({ urn, id, args: inputs })
      .then((capabilities) => capabilities ?? noCapabilities);
    // Each later call of the provider throws it.
    this.configured.catch(() => {});
  }

  /** Tells the provider that the operation is interrupted. */
  cancel(): Promise<void> {
    return signalCancel(this.port);
  }

  /** Tells the provider that the operation has ended, and ends it. */
  end(): Promise<void> {
    return endProvider(this.port);
  }

  /** Before it is configured. */
  async checkConfig(urn: string, olds: PropertyMap, news: PropertyMap, preview: boolean): Promise<Checked> {
    const options = { keepUnknowns: preview };
    const request = { urn, olds: toProvider(olds, options), news: toProvider(news, options) };
    const response = await this.port.checkConfig?.(request);
    if (response === undefined) return { inputs: structuredClone(news), failures: [] };
    annotateSecrets(response.inputs, news);
    return response;
  }

  /** Whether settings differ, before it is configured with them. */
  async diffConfig(
    { urn, id }: Identity,
    old: { inputs: PropertyMap; outputs: PropertyMap | undefined },
    news: PropertyMap,
    preview: boolean,
  ): Promise<Difference> {
    const options = { keepUnknowns: preview };
    const response = await this.port.diffConfig?.({
      urn,
      id,
      oldInputs: toProvider(old.inputs, options),
      olds: toProvider(old.outputs ?? {}, options),
      news: toProvider(news, options),
    });
    const { replaces: replaceKeys = [], changes = "unknown" } = response ?? {};
    const keys = deepEquals(old.outputs ?? {}, news) ? [] : changedKeys(old.outputs ?? {}, news);
    const changed = changes === "unknown" ? keys.length > 0 : changes === "some";
    return { changed, changedKeys: changed ? keys : [], replaceKeys };
  }

  /** Calls a function. */
  async invoke(token: string, args: PropertyMap, preview: boolean): Promise<InvokeResponse> {
    const { acceptSecrets } = await this.configured;
    if (this.port.invoke === undefined) throw new Error(`no function ${token}`);
    return this.port.invoke({ token, args: toProvider(args, { keepUnknowns: preview, keepSecrets: acceptSecrets }) });
  }

  async check(urn: string, olds: PropertyMap | undefined, news: PropertyMap, preview: boolean): Promise<Checked> {
    const { acceptSecrets } = await this.configured;
    const options = { keepUnknowns: preview, keepSecrets: acceptSecrets };
    const response = await this.port.check({
      urn,
      olds: toProvider(olds ?? {}, options),
      news: toProvider(news, options),
    });
    if (!preview) rejectUnknowns(response.inputs);
    if (!acceptSecrets) annotateSecrets(response.inputs, news);
    return response;
  }

  async diff(
    { urn, id }: Identity,
    old: { inputs: PropertyMap; outputs: PropertyMap | undefined },
    newInputs: PropertyMap,
    settings: { preview: boolean; ignoreChanges: string[] },
  ): Promise<Difference> {
    const { acceptSecrets } = await this.configured;
    const options = { keepUnknowns: settings.preview, elideAssets: true, keepSecrets: acceptSecrets };
    const response = await this.port.diff({
      urn,
      id,
      oldInputs: toProvider(old.inputs, options),
      olds: toProvider(old.outputs ?? {}, options),
      news: toProvider(newInputs, options),
      ignoreChanges: settings.ignoreChanges,
    });
    const replaceKeys = response.replaces;
    if (response.changes !== "unknown") return { replaceKeys, changed: response.changes === "some", changedKeys: [] };
    const keys = changedKeys(old.inputs, newInputs);
    return { replaceKeys, changed: keys.length > 0, changedKeys: keys };
  }

  async create(urn: string, inputs: PropertyMap, timeout: number, preview: boolean): Promise<OperationResult> {
    const capabilities = await this.configured;
    if (preview && !capabilities.supportsPreview) return { id: "", outputs: structuredClone(inputs) };
    const wire = { keepUnknowns: preview, keepSecrets: capabilities.acceptSecrets };
    const result = await catchInitError("", async () => {
      const { id, properties } = await this.port.create({
        urn,
        properties: toProvider(inputs, wire),
        timeout,
        preview,
      });
      return { id, outputs: properties };
    });
    if (preview) return received({ ...result, id: "" }, inputs, wire);
    if (result.id === "") throw new Error(`plugin returned empty resource.ID from create '${urn}'`);
    return received(result, inputs, wire);
  }

  async update(
    { urn, id }: Identity,
    old: { inputs: PropertyMap; outputs: PropertyMap | undefined },
    newInputs: PropertyMap,
    settings: { preview: boolean; ignoreChanges: string[]; timeout: number },
  ): Promise<OperationResult> {
    const { acceptSecrets, supportsPreview } = await this.configured;
    const { preview } = settings;
    if (preview && !supportsPreview) return { id, outputs: structuredClone(newInputs) };
    const wire = { keepUnknowns: preview, keepSecrets: acceptSecrets };
    const elided = { ...wire, elideAssets: true };
    const result = await catchInitError(id, async () => {
      const { properties } = await this.port.update({
        urn,
        id,
        olds: toProvider(old.outputs ?? {}, elided),
        oldInputs: toProvider(old.inputs, elided),
        news: toProvider(newInputs, wire),
        timeout: settings.timeout,
        ignoreChanges: settings.ignoreChanges,
        preview,
      });
      return { id, outputs: properties };
    });
    return received(result, newInputs, wire);
  }

  /** `id` is empty when the resource is gone. */
  async read(
    { urn, id }: Identity,
    stored: { inputs: PropertyMap; outputs: PropertyMap | undefined },
  ): Promise<OperationResult & { inputs?: PropertyMap }> {
    const { acceptSecrets } = await this.configured;
    const elided = { keepUnknowns: false, elideAssets: true, keepSecrets: acceptSecrets };
    let inputs: PropertyMap | undefined;
    const result = await catchInitError("", async () => {
      const response = await this.port.read({
        urn,
        id,
        properties: toProvider(stored.outputs ?? {}, elided),
        inputs: toProvider(stored.inputs, elided),
      });
      inputs = response.inputs;
      return { id: response.id, outputs: response.properties };
    });
    if (!acceptSecrets) annotateSecrets(inputs, stored.inputs);
    received(result, stored.outputs ?? {}, elided);
    return inputs ? { ...result, inputs } : result;
  }

  async delete(
    { urn, id }: Identity,
    stored: { inputs: PropertyMap; outputs: PropertyMap | undefined },
    timeout: number,
  ): Promise<void> {
    const { acceptSecrets } = await this.configured;
    const elided = { keepUnknowns: false, elideAssets: true, keepSecrets: acceptSecrets };
    await this.port.delete({
      urn,
      id,
      properties: toProvider(stored.outputs ?? {}, elided),
      oldInputs: toProvider(stored.inputs, elided),
      timeout,
    });
  }
}

/** An init error is a result too: the resource exists. `id` is used where the error names none. */
async function catchInitError(id: string, operation: () => Promise<OperationResult>): Promise<OperationResult> {
  try {
    return await operation();
  } catch (error) {
    if (!(error instanceof InitError)) throw error;
    return { id: id || error.id, outputs: error.properties, initError: error };
  }
}

/** Checks what came back, and marks it as secret where `sent` is, unless the provider marks it itself. */
function received(result: OperationResult, sent: PropertyMap, wire: WireOptions): OperationResult {
  if (!wire.keepUnknowns) rejectUnknowns(result.outputs);
  if (!wire.keepSecrets) annotateSecrets(result.outputs, sent);
  return result;
}

function rejectUnknowns(properties: PropertyMap): void {
  for (const [key, value] of Object.entries(properties)) {
    if (containsUnknowns(value)) throw new Error(`unexpected unknown property value for ${JSON.stringify(key)}`);
  }
}
