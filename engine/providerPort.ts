import type { PropertyMap } from "./values";

/** A resource exists, but is not ready; what is known of it is kept in state. */
export class InitError extends Error {
  override readonly name = "InitError";

  constructor(
    readonly id: string,
    readonly properties: PropertyMap,
    readonly reasons: string[],
  ) {
    super(formatReasons(reasons));
  }
}

/** The process behind a provider ended, or cannot be reached: what became of the call is not known. */
export class ProviderGoneError extends Error {
  override readonly name = "ProviderGoneError";
}

/** The text Pulumi prints for a list of reasons. */
function formatReasons(reasons: string[]): string {
  if (reasons.length === 0) return "resource init failed";
  const count = reasons.length === 1 ? "1 error occurred:" : `${reasons.length} errors occurred:`;
  return `${count}\n${reasons.map((reason) => `\t* ${reason}`).join("\n")}\n\n`;
}

export interface CheckFailure {
  property: string;
  reason: string;
}

export interface ConfigureRequest {
  urn: string;
  id: string;
  /** Stack configuration by `namespace:key`; secrets in their wrapper. */
  args: PropertyMap;
}

/** What a provider can deal with beyond plain values and real operations. */
export interface Capabilities {
  /** Values arrive with their secrets marked, and the provider marks those of its outputs itself. */
  acceptSecrets: boolean;
  /** `create` and `update` are called in a preview as well. */
  supportsPreview: boolean;
}

export interface CheckRequest {
  urn: string;
  olds: PropertyMap;
  news: PropertyMap;
}

export interface CheckConfigRequest {
  urn: string;
  olds: PropertyMap;
  /** Secrets have no mark. */
  news: PropertyMap;
}

export interface DiffConfigRequest {
  urn: string;
  id: string;
  oldInputs: PropertyMap;
  /** Old outputs. */
  olds: PropertyMap;
  news: PropertyMap;
}

export interface InvokeRequest {
  /** Which function, such as `tencent-aigc:index:getUsage`. */
  token: string;
  args: PropertyMap;
}

export interface InvokeResponse {
  result: PropertyMap;
  failures: CheckFailure[];
}

export interface DiffRequest {
  urn: string;
  id: string;
  oldInputs: PropertyMap;
  /** Old outputs. */
  olds: PropertyMap;
  news: PropertyMap;
  ignoreChanges: string[];
}

export interface DiffResponse {
  /** "unknown" lets the engine compare inputs. */
  changes: "none" | "some" | "unknown";
  replaces: string[];
}

export interface CreateRequest {
  urn: string;
  properties: PropertyMap;
  timeout: number;
  preview: boolean;
}

export interface ReadRequest {
  urn: string;
  id: string;
  /** Stored outputs. */
  properties: PropertyMap;
  inputs: PropertyMap;
}

export interface ReadResponse {
  /** Empty when the resource is gone. */
  id: string;
  properties: PropertyMap;
  inputs?: PropertyMap;
}

export interface UpdateRequest {
  urn: string;
  id: string;
  /** Old outputs. */
  olds: PropertyMap;
  oldInputs: PropertyMap;
  news: PropertyMap;
  timeout: number;
  ignoreChanges: string[];
  preview: boolean;
}

export interface DeleteRequest {
  urn: string;
  id: string;
  /** Stored outputs. */
  properties: PropertyMap;
  oldInputs: PropertyMap;
  timeout: number;
}

/**
 * How the engine reaches a provider: the calls and the arguments that go over the wire. An operation that failed half-way
 * throws an {@link InitError} with what is to be kept; after any other error there is nothing to keep.
 */
export interface ProviderPort {
  /** Undefined: none of the capabilities. */
  configure(request: ConfigureRequest): Promise<Capabilities | undefined>;
  /** Undefined, or left out: settings are taken as they are. Those that are secret come back in their wrapper. */
  checkConfig?(request: CheckConfigRequest): Promise<{ inputs: PropertyMap; failures: CheckFailure[] } | undefined>;
  /** Left out: the engine compares settings. */
  diffConfig?(request: DiffConfigRequest): Promise<DiffResponse>;
  check(request: CheckRequest): Promise<{ inputs: PropertyMap; failures: CheckFailure[] }>;
  diff(request: DiffRequest): Promise<DiffResponse>;
  create(request: CreateRequest): Promise<{ id: string; properties: PropertyMap }>;
  read(request: ReadRequest): Promise<ReadResponse>;
  update(request: UpdateRequest): Promise<{ properties: PropertyMap }>;
  delete(request: DeleteRequest): Promise<void>;
  /** Left out: there are no functions. */
  invoke?(request: InvokeRequest): Promise<InvokeResponse>;
  /**
   * The engine sends it at once when an operation is interrupted, and again when one has ended: the provider is to begin
   * nothing new. Settles within a time limit.
   */
  cancel(): Promise<void>;
  /** Ends the process behind the port, if there is one. */
  close(): Promise<void>;
}

/** Starts a provider for a package; a new one at every call. */
export type ProviderLoader = (packageName: string) => Promise<ProviderPort>;

/** Tells a provider that the operation is interrupted or has ended. */
export async function signalCancel(provider: ProviderPort): Promise<void> {
  // As in Pulumi, nothing depends on the answer: the provider may be gone, not know the call, or take too long.
  await provider.cancel().catch(() => {});
}

/** What the engine does with each provider at the end of an operation. */
export async function endProvider(provider: ProviderPort): Promise<void> {
  await signalCancel(provider);
  await provider.close();
}
