import { createHash } from "node:crypto";
import { normalizeUrns } from "./normalizeUrns";
import { sdkVersion } from "./pulumiSdk";
import {
  type CustomTimeouts,
  makeState,
  noTimeouts,
  type OperationType,
  type ResourceState,
  type Snapshot,
} from "./resourceState";
import type { SecretsManager, SecretsProvider } from "./secretsManager";
import {
  hasSignature,
  isSecret,
  mapProperties,
  type PropertyMap,
  type PropertyValue,
  secretSignature,
  signatureKey,
} from "./values";

/** A resource in a deployment file; empty fields are left out. */
export interface StoredResource {
  urn: string;
  custom: boolean;
  type: string;
  [field: string]: unknown;
}

export interface StoredOperation {
  resource: StoredResource;
  type: OperationType;
}

/** A stack's state in Pulumi's deployment format, version 3. */
export interface Deployment {
  version: number;
  deployment: {
    manifest: { time: string; magic: string; version: string };
    secrets_providers?: SecretsProvider;
    resources?: StoredResource[];
    pending_operations?: StoredOperation[];
    metadata?: Record<string, unknown>;
  };
}

export function serializeSnapshot(snapshot: Snapshot, secrets: SecretsManager | undefined): Deployment {
  const { resources, pendingOperations } = normalizeUrns(snapshot);
  const version = `v${sdkVersion}`;
  const manifest = {
    time: new Date().toISOString(),
    magic: createHash("sha256").update(version).digest("hex"),
    version,
  };
  return {
    version: 3,
    deployment: {
      manifest,
      ...(secrets ? { secrets_providers: secrets.provider } : {}),
      ...(resources.length > 0 ? { resources: resources.map((state) => serializeState(state, secrets)) } : {}),
      ...(pendingOperations.length > 0
        ? {
            pending_operations: pendingOperations.map(({ resource, type }) => ({
              resource: serializeState(resource, secrets),
              type,
            })),
          }
        : {}),
      metadata: {},
    },
  };
}

export function deserializeSnapshot(deployment: Deployment, secrets: SecretsManager | undefined): Snapshot {
  if (deployment.version !== 3) {
    throw new Error(`a deployment of version ${deployment.version} cannot be read: only version 3 is known`);
  }
  const { resources = [], pending_operations: operations = [] } = deployment.deployment;
  return {
    resources: resources.map((resource) => deserializeState(resource, secrets)),
    pendingOperations: operations.map(({ resource, type }) => ({
      resource: deserializeState(resource, secrets),
      type,
    })),
  };
}

export function serializeState(state: ResourceState, secrets: SecretsManager | undefined): StoredResource {
  const { urn, custom, type, customTimeouts, ...rest } = state;
  const stored: StoredResource = { urn, custom, type };
  for (const [field, value] of Object.entries(rest)) {
    if (isEmpty(value)) continue;
    stored[field] = field === "inputs" || field === "outputs" ? seal(value as PropertyMap, secrets) : value;
  }
  if (Object.values(customTimeouts).some((seconds) => seconds > 0)) stored["customTimeouts"] = customTimeouts;
  return stored;
}

export function deserializeState(stored: StoredResource, secrets: SecretsManager | undefined): ResourceState {
  const { inputs, outputs, customTimeouts, ...rest } = stored;
  if (rest["pendingReplacement"] === true) {
    throw new Error(`${stored.urn} is deleted and not yet replaced: run \`pulumi up\` with the Pulumi CLI first`);
  }
  return makeState({
    ...(rest as Partial<ResourceState> & { urn: string; type: string }),
    inputs: unseal((inputs ?? {}) as PropertyMap, secrets),
    outputs: unseal((outputs ?? {}) as PropertyMap, secrets),
    customTimeouts: { ...noTimeouts, ...(customTimeouts as Partial<CustomTimeouts> | undefined) },
  });
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

/** Secrets become ciphertext. Everything that is written to a file comes through here. */
function seal(properties: PropertyMap, secrets: SecretsManager | undefined): PropertyMap {
  return mapProperties(properties, (node) => {
    if (!isSecret(node)) return undefined;
    if (!secrets) throw new Error("a secret can only be kept with a passphrase");
    return { [signatureKey]: secretSignature, ciphertext: secrets.encrypt(node) };
  });
}

function unseal(properties: PropertyMap, secrets: SecretsManager | undefined): PropertyMap {
  return mapProperties(properties, (node) => {
    if (!hasSignature(node, secretSignature)) return undefined;
    const { ciphertext, plaintext } = node;
    if (typeof plaintext === "string") return { [signatureKey]: secretSignature, value: valueIn(plaintext) };
    if (typeof ciphertext !== "string" || !secrets) throw new Error("a secret in the deployment cannot be read");
    const secret = { [signatureKey]: secretSignature, value: secrets.decrypt(ciphertext) };
    secrets.remember(secret, ciphertext);
    return secret;
  });
}

function valueIn(plaintext: string): PropertyValue {
  try {
    return JSON.parse(plaintext);
  } catch {
    // The parser's message is not repeated: it quotes the secret.
    throw new Error(
      "a secret in the deployment is no JSON: export the stack anew with `pulumi stack export --show-secrets`",
    );
  }
}
