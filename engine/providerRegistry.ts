import { randomUUID } from "node:crypto";
import type { ProviderLoader } from "./providerPort";
import { type Checked, type Difference, type OperationResult, ResourceProvider } from "./resourceProvider";
import type { ResourceState } from "./resourceState";
import { packageOf, parseProviderReference, parseUrn } from "./urn";
import { type PropertyMap, unknownValue } from "./values";

/**
 * Starts and configures providers, which are resources too: one is loaded when it is checked, and configured when it is
 * created, updated or found unchanged. One that is only in old state is loaded on demand, with its old configuration.
 */
export class ProviderRegistry {
  private readonly configured = new Map<string, ResourceProvider>();
  private readonly unconfigured = new Map<string, ResourceProvider>();
  private readonly aliases = new Map<string, string>();
  private readonly loading = new Map<string, Promise<ResourceProvider>>();
  private readonly loaded = new Set<ResourceProvider>();

  constructor(private readonly load: ProviderLoader) {}

  get(reference: string): ResourceProvider | undefined {
    return this.configured.get(reference);
  }

  registerAlias(urn: string, alias: string): void {
    if (urn !== alias) this.aliases.set(urn, alias);
  }

  async check(urn: string, olds: PropertyMap | undefined, news: PropertyMap, preview: boolean): Promise<Checked> {
    const provider = await this.start(urn);
    this.unconfigured.set(urn, provider);
    return provider.checkConfig(urn, olds ?? {}, news, preview);
  }

  async diff(urn: string, old: ResourceState, newInputs: PropertyMap, preview: boolean): Promise<Difference> {
    const provider = this.unconfigured.get(urn);
    if (provider === undefined) throw new Error(`the provider '${urn}' was not checked`);
    return provider.diffConfig({ urn, id: old.id }, old, newInputs, preview);
  }

  async create(urn: string, inputs: PropertyMap, preview: boolean): Promise<OperationResult> {
    return this.configure(urn, preview ? unknownValue : randomUUID(), inputs);
  }

  async update(urn: string, id: string, inputs: PropertyMap): Promise<OperationResult> {
    return this.configure(urn, id, inputs);
  }

  /** Configures a provider that was checked and found unchanged. */
  async same(state: ResourceState, oldInputs: PropertyMap): Promise<void> {
    if (!this.configured.has(`${state.urn}::${state.id}`)) await this.configure(state.urn, state.id, oldInputs);
  }

  /** Makes sure that a provider in old state can be used, with the configuration it has there. */
  async ensure(reference: string, find: (urn: string) => ResourceState | undefined): Promise<ResourceProvider> {
    const present = this.configured.get(reference) ?? this.loading.get(reference);
    if (present) return present;
    const { urn, id } = parseProviderReference(reference);
    const state = find(urn);
    if (!state || state.id !== id) throw new Error(`unknown provider '${reference}'`);
    const loading = this.start(urn).then((provider) => {
      provider.configure(urn, id, state.inputs);
      this.set(urn, id, provider);
      return provider;
    });
    this.loading.set(reference, loading);
    return loading;
  }

  async delete(reference: string): Promise<void> {
    const provider = this.configured.get(reference);
    this.configured.delete(reference);
    if (!provider) return;
    this.loaded.delete(provider);
    await provider.end();
  }

  /** The operation is interrupted: every provider is told at once. */
  async cancel(): Promise<void> {
    await Promise.all([...this.loaded].map((provider) => provider.cancel()));
  }

  /** The operation has ended. */
  async close(): Promise<void> {
    await Promise.all([...this.loaded].map((provider) => provider.end()));
  }

  private async configure(urn: string, id: string, inputs: PropertyMap): Promise<OperationResult> {
    const provider = this.unconfigured.get(urn) ?? (await this.start(urn));
    this.unconfigured.delete(urn);
    provider.configure(urn, id, inputs);
    this.set(urn, id, provider);
    return { id, outputs: structuredClone(inputs) };
  }

  private set(urn: string, id: string, provider: ResourceProvider): void {
    this.configured.set(`${urn}::${id}`, provider);
    const alias = this.aliases.get(urn);
    if (alias !== undefined) this.configured.set(`${alias}::${id}`, provider);
  }

  private async start(urn: string): Promise<ResourceProvider> {
    const provider = new ResourceProvider(await this.load(packageOf(parseUrn(urn).type)));
    this.loaded.add(provider);
    return provider;
  }
}
