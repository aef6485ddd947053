import { type CheckFailure, InitError, type ProviderPort } from "./providerPort";
import { annotateSecrets, changedKeys, containsUnknowns, type PropertyMap, toProvider } from "./values";

export interface Difference {
  changed: boolean;
  replaceKeys: string[];
  changedKeys: string[];
  deleteBeforeReplace: boolean;
}

interface Identity {
  urn: string;
  id: string;
}

/** What an operation left: its outputs, and, where it failed half-way, the error that says so. */
export interface OperationResult {
  id: string;
  outputs: PropertyMap;
  initError?: InitError;
}

/**
 * A provider as the engine uses it: values with their secrets go in and come out. It takes the secrets off before a
 * call and marks what comes back under the same keys; it answers previews by itself, as the engine does for a provider
 * that has no previews.
 */
export class ResourceProvider {
  private configured: Promise<void> = Promise.resolve();

  constructor(private readonly port: ProviderPort) {}

  /** Does not wait for the provider: later calls do. */
  configure(urn: string, id: string, inputs: PropertyMap): void {
    this.configured = this.port.configure({ urn, id, args: inputs });
    this.configured.catch(() => {});
  }

  close(): Promise<void> {
    return this.port.close();
  }

  async check(
    urn: string,
    olds: PropertyMap | undefined,
    news: PropertyMap,
    preview: boolean,
  ): Promise<{ inputs: PropertyMap; failures: CheckFailure[] }> {
    await this.configured;
    const options = { keepUnknowns: preview };
    const response = await this.port.check({
      urn,
      olds: toProvider(olds ?? {}, options),
      news: toProvider(news, options),
    });
    if (!preview) rejectUnknowns(response.inputs);
    annotateSecrets(response.inputs, news);
    return response;
  }

  async diff(
    { urn, id }: Identity,
    old: { inputs: PropertyMap; outputs: PropertyMap | undefined },
    newInputs: PropertyMap,
    settings: { preview: boolean; ignoreChanges: string[] },
  ): Promise<Difference> {
    await this.configured;
    const options = { keepUnknowns: settings.preview, elideAssets: true };
    const response = await this.port.diff({
      urn,
      id,
      oldInputs: toProvider(old.inputs, options),
      olds: toProvider(old.outputs ?? {}, options),
      news: toProvider(newInputs, options),
      ignoreChanges: settings.ignoreChanges,
    });
    const difference = { replaceKeys: response.replaces, deleteBeforeReplace: response.deleteBeforeReplace };
    if (response.changes !== "unknown") return { ...difference, changed: response.changes === "some", changedKeys: [] };
    const keys = changedKeys(old.inputs, newInputs);
    return { ...difference, changed: keys.length > 0, changedKeys: keys };
  }

  async create(urn: string, inputs: PropertyMap, timeout: number, preview: boolean): Promise<OperationResult> {
    await this.configured;
    if (preview) return { id: "", outputs: structuredClone(inputs) };
    const result = await catchInitError("", async () => {
      const { id, properties } = await this.port.create({
        urn,
        properties: toProvider(inputs, { keepUnknowns: false }),
        timeout,
      });
      return { id, outputs: properties };
    });
    if (result.id === "") throw new Error(`plugin returned empty resource.ID from create '${urn}'`);
    return marked(result, inputs);
  }

  async update(
    { urn, id }: Identity,
    old: { inputs: PropertyMap; outputs: PropertyMap | undefined },
    newInputs: PropertyMap,
    settings: { preview: boolean; ignoreChanges: string[]; timeout: number },
  ): Promise<OperationResult> {
    await this.configured;
    if (settings.preview) return { id, outputs: structuredClone(newInputs) };
    const elided = { keepUnknowns: false, elideAssets: true };
    const result = await catchInitError(id, async () => {
      const { properties } = await this.port.update({
        urn,
        id,
        olds: toProvider(old.outputs ?? {}, elided),
        oldInputs: toProvider(old.inputs, elided),
        news: toProvider(newInputs, { keepUnknowns: false }),
        timeout: settings.timeout,
        ignoreChanges: settings.ignoreChanges,
      });
      return { id, outputs: properties };
    });
    return marked(result, newInputs);
  }

  /** `id` is empty when the resource is gone. */
  async read(
    { urn, id }: Identity,
    stored: { inputs: PropertyMap; outputs: PropertyMap | undefined },
  ): Promise<OperationResult & { inputs?: PropertyMap }> {
    await this.configured;
    const elided = { keepUnknowns: false, elideAssets: true };
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
    annotateSecrets(inputs, stored.inputs);
    marked(result, stored.outputs ?? {});
    return inputs ? { ...result, inputs } : result;
  }

  async delete(
    { urn, id }: Identity,
    stored: { inputs: PropertyMap; outputs: PropertyMap | undefined },
    timeout: number,
  ): Promise<void> {
    await this.configured;
    const elided = { keepUnknowns: false, elideAssets: true };
    await this.port.delete({
      urn,
      id,
      properties: toProvider(stored.outputs ?? {}, elided),
      oldInputs: toProvider(stored.inputs, elided),
      timeout,
    });
  }
}

/** An init error is a result too: the resource exists. `id` is what it is known by where the error names none. */
async function catchInitError(id: string, operation: () => Promise<OperationResult>): Promise<OperationResult> {
  try {
    return await operation();
  } catch (error) {
    if (!(error instanceof InitError)) throw error;
    return { id: id || error.id, outputs: error.properties, initError: error };
  }
}

function marked(result: OperationResult, source: PropertyMap): OperationResult {
  rejectUnknowns(result.outputs);
  annotateSecrets(result.outputs, source);
  return result;
}

function rejectUnknowns(properties: PropertyMap): void {
  for (const [key, value] of Object.entries(properties)) {
    if (containsUnknowns(value)) throw new Error(`unexpected unknown property value for ${JSON.stringify(key)}`);
  }
}
