import type { PropertyMap } from "./values";

/** A resource exists, but could not be brought up; what is known of it is kept in state. */
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

export interface CheckRequest {
  urn: string;
  olds: PropertyMap;
  news: PropertyMap;
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
  deleteBeforeReplace: boolean;
}

export interface CreateRequest {
  urn: string;
  properties: PropertyMap;
  timeout: number;
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
 * How the engine reaches a provider: exactly the calls, and exactly the arguments, that go over the wire to a provider
 * that knows neither secrets, nor references, nor previews. An operation that left something behind throws an
 * {@link InitError}; any other error means that nothing was done.
 */
export interface ProviderPort {
  configure(request: ConfigureRequest): Promise<void>;
  check(request: CheckRequest): Promise<{ inputs: PropertyMap; failures: CheckFailure[] }>;
  diff(request: DiffRequest): Promise<DiffResponse>;
  create(request: CreateRequest): Promise<{ id: string; properties: PropertyMap }>;
  read(request: ReadRequest): Promise<ReadResponse>;
  update(request: UpdateRequest): Promise<{ properties: PropertyMap }>;
  delete(request: DeleteRequest): Promise<void>;
  /** Ends the process behind the port, if there is one. */
  close(): Promise<void>;
}

/** Starts a provider for a package; a new one at every call. */
export type ProviderLoader = (packageName: string) => Promise<ProviderPort>;
