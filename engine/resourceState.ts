import type { PropertyMap } from "./values";

/** Seconds; 0 means the provider's own default. */
export interface CustomTimeouts {
  create: number;
  update: number;
  delete: number;
  read: number;
}

/** One resource as the engine knows it. Mutable, and compared by identity while a deployment runs. */
export interface ResourceState {
  urn: string;
  type: string;
  custom: boolean;
  id: string;
  inputs: PropertyMap;
  /** Undefined until an operation returned some. */
  outputs: PropertyMap | undefined;
  parent: string;
  provider: string;
  dependencies: string[];
  propertyDependencies: Record<string, string[]>;
  additionalSecretOutputs: string[];
  /** The old URN a resource was found by, until every reference to it has been rewritten. */
  aliases: string[];
  initErrors: string[];
  /** Replaced, and still to be deleted. */
  delete: boolean;
  external: boolean;
  protect: boolean;
  taint: boolean;
  retainOnDelete: boolean;
  deletedWith: string;
  replaceWith: string[];
  ignoreChanges: string[];
  customTimeouts: CustomTimeouts;
  created: string | undefined;
  modified: string | undefined;
}

export type OperationType = "creating" | "updating" | "deleting" | "reading";

export interface PendingOperation {
  resource: ResourceState;
  type: OperationType;
}

export interface Snapshot {
  resources: ResourceState[];
  pendingOperations: PendingOperation[];
}

export type Alias =
  | { urn: string }
  | { name: string; type: string; stack: string; project: string; parent: string; noParent: boolean };

/** What the program asks for. */
export interface Goal {
  type: string;
  name: string;
  custom: boolean;
  properties: PropertyMap;
  parent: string;
  provider: string;
  dependencies: string[];
  propertyDependencies: Record<string, string[]>;
  additionalSecretOutputs: string[];
  aliases: Alias[];
  ignoreChanges: string[];
  replaceWith: string[];
  deletedWith: string;
  customTimeouts: CustomTimeouts;
  protect: boolean | undefined;
  retainOnDelete: boolean | undefined;
}

export const noTimeouts: CustomTimeouts = { create: 0, update: 0, delete: 0, read: 0 };

/** A goal with defaults for everything optional. */
export function makeGoal(goal: Pick<Goal, "type" | "name"> & Partial<Goal>): Goal {
  return {
    custom: true,
    properties: {},
    parent: "",
    provider: "",
    dependencies: [],
    propertyDependencies: {},
    additionalSecretOutputs: [],
    aliases: [],
    ignoreChanges: [],
    replaceWith: [],
    deletedWith: "",
    customTimeouts: noTimeouts,
    protect: undefined,
    retainOnDelete: undefined,
    ...goal,
  };
}

export function makeState(state: Pick<ResourceState, "urn" | "type"> & Partial<ResourceState>): ResourceState {
  return {
    custom: true,
    id: "",
    inputs: {},
    outputs: undefined,
    parent: "",
    provider: "",
    dependencies: [],
    propertyDependencies: {},
    additionalSecretOutputs: [],
    aliases: [],
    initErrors: [],
    delete: false,
    external: false,
    protect: false,
    taint: false,
    retainOnDelete: false,
    deletedWith: "",
    replaceWith: [],
    ignoreChanges: [],
    customTimeouts: noTimeouts,
    created: undefined,
    modified: undefined,
    ...state,
  };
}

/** Every URN a resource needs, its parent left out. */
export function dependencyUrns(state: ResourceState): string[] {
  return [
    ...state.dependencies,
    ...Object.values(state.propertyDependencies).flat(),
    ...(state.deletedWith === "" ? [] : [state.deletedWith]),
    ...state.replaceWith,
  ].filter((urn) => urn !== "");
}
