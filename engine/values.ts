/**
 * Property values on the wire: plain JSON, in which an object with the signature key is something else (a secret, an
 * output, a reference, an asset), and one string is a value that is not yet known.
 */
export type PropertyValue = null | boolean | number | string | PropertyValue[] | PropertyMap;
export type PropertyMap = { [key: string]: PropertyValue };

export const signatureKey = "4dabf18193072939515e22adb298388d";
export const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
export const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
export const resourceSignature = "5cf8f73096256a8f31e491e813e4eb8e";
export const assetSignature = "c44067f5952c0a294b673a41bacd8c17";
export const archiveSignature = "0def7320c3a5731c473e5ecbe6d01bc7";

/** What an unknown value looks like on the wire, at any depth. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export type Secret = { [signatureKey]: typeof secretSignature; value: PropertyValue };

export function isMap(value: PropertyValue | undefined): value is PropertyMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function hasSignature(value: PropertyValue | undefined, signature: string): value is PropertyMap {
  return isMap(value) && value[signatureKey] === signature;
}

export function isSecret(value: PropertyValue | undefined): value is Secret {
  return hasSignature(value, secretSignature);
}

export function makeSecret(value: PropertyValue): PropertyValue {
  return isSecret(value) ? value : { [signatureKey]: secretSignature, value };
}

/** Rebuilds a value; `replace` returns a node's replacement, or undefined to descend into it. */
export function mapValue(
  value: PropertyValue,
  replace: (node: PropertyValue) => PropertyValue | undefined,
): PropertyValue {
  const replaced = replace(value);
  if (replaced !== undefined) return replaced;
  if (Array.isArray(value)) return value.map((element) => mapValue(element, replace));
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, mapValue(element, replace)]));
}

export function mapProperties(
  properties: PropertyMap,
  replace: (node: PropertyValue) => PropertyValue | undefined,
): PropertyMap {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, mapValue(value, replace)]));
}

function contains(value: PropertyValue, matches: (node: PropertyValue) => boolean): boolean {
  if (matches(value)) return true;
  if (Array.isArray(value)) return value.some((element) => contains(element, matches));
  return isMap(value) && Object.values(value).some((element) => contains(element, matches));
}

export const containsSecrets = (value: PropertyValue): boolean => contains(value, isSecret);
export const containsUnknowns = (value: PropertyValue): boolean => contains(value, (node) => node === unknownValue);

/** The value without its secret wrappers, at any depth. */
export function unwrapSecrets(value: PropertyValue): PropertyValue {
  return mapValue(value, (node) => (isSecret(node) ? unwrapSecrets(node.value) : undefined));
}

/** Output values become their plain, secret or unknown value; their dependencies are sent apart from them. */
export function downgradeOutputs(properties: PropertyMap): PropertyMap {
  const downgrade = (node: PropertyValue): PropertyValue | undefined => {
    if (!hasSignature(node, outputSignature)) return undefined;
    const value = node["value"] === undefined ? unknownValue : mapValue(node["value"], downgrade);
    return node["secret"] === true ? makeSecret(value) : value;
  };
  return mapProperties(properties, downgrade);
}

export interface WireOptions {
  /** Unknown values stay (preview); otherwise a property or element that is unknown is left out. */
  keepUnknowns: boolean;
  /** Assets are sent as their hash only. */
  elideAssets?: boolean;
  /** Secrets keep their mark. */
  keepSecrets?: boolean;
}

const absent = Symbol("absent");

/** What a provider that knows no references is sent. */
export function toProvider(properties: PropertyMap, options: WireOptions): PropertyMap {
  return convertMap(properties, options);
}

function convertMap(properties: PropertyMap, options: WireOptions): PropertyMap {
  const converted: PropertyMap = {};
  for (const [key, value] of Object.entries(properties)) {
    const result = convert(value, options);
    if (result !== absent) converted[key] = result;
  }
  return converted;
}

function convert(value: PropertyValue, options: WireOptions): PropertyValue | typeof absent {
  if (value === unknownValue) return options.keepUnknowns ? value : absent;
  if (isSecret(value)) {
    const inner = convert(value.value, options);
    return options.keepSecrets && inner !== absent ? makeSecret(inner) : inner;
  }
  if (Array.isArray(value)) {
    return value.map((element) => convert(element, options)).filter((element) => element !== absent);
  }
  if (!isMap(value)) return value;
  if (hasSignature(value, resourceSignature)) {
    const id = value["id"];
    if (id === undefined) return value["urn"] ?? null;
    return convert(id === "" ? unknownValue : id, options);
  }
  const isAsset = hasSignature(value, assetSignature) || hasSignature(value, archiveSignature);
  if (isAsset && options.elideAssets) {
    const hash = value["hash"];
    return { [signatureKey]: value[signatureKey] as string, ...(hash === undefined ? {} : { hash }) };
  }
  return convertMap(value, options);
}

/**
 * Copies "is secret" from the inputs to the outputs under the same key: through objects property by property, for
 * anything else as a whole.
 */
export function annotateSecrets(outputs: PropertyMap | undefined, inputs: PropertyMap | undefined): void {
  if (!outputs || !inputs) return;
  for (const [key, input] of Object.entries(inputs)) {
    const output = outputs[key];
    if (output === undefined) continue;
    if (isPlainObject(output) && isPlainObject(input)) annotateSecrets(output, input);
    else if (!isSecret(output) && containsSecrets(input)) outputs[key] = makeSecret(output);
  }
}

function isPlainObject(value: PropertyValue): value is PropertyMap {
  return isMap(value) && !(signatureKey in value);
}

export function deepEquals(left: PropertyValue | undefined, right: PropertyValue | undefined): boolean {
  if (left === right) return true;
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((element, index) => deepEquals(element, right[index]));
  }
  if (!isMap(left) || !isMap(right)) return false;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => key in right && deepEquals(left[key], right[key]));
}

/** Names of the properties in which two maps differ; secrets are compared by value, null and absent are one. */
export function changedKeys(left: PropertyMap, right: PropertyMap): string[] {
  const normalLeft = withoutNulls(unwrapSecrets(left)) as PropertyMap;
  const normalRight = withoutNulls(unwrapSecrets(right)) as PropertyMap;
  const keys = new Set([...Object.keys(normalLeft), ...Object.keys(normalRight)]);
  return [...keys].filter((key) => !deepEquals(normalLeft[key], normalRight[key])).sort();
}

function withoutNulls(value: PropertyValue): PropertyValue {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, element]) => element !== null)
      .map(([key, element]) => [key, withoutNulls(element)]),
  );
}

/** Every string inside a secret, for masking. */
export function secretTexts(value: PropertyValue, inSecret = false, found: string[] = []): string[] {
  if (typeof value === "string") {
    if (inSecret) found.push(value);
  } else if (Array.isArray(value)) {
    for (const element of value) secretTexts(element, inSecret, found);
  } else if (isSecret(value)) {
    secretTexts(value.value, true, found);
  } else if (isMap(value)) {
    for (const [key, element] of Object.entries(value)) {
      if (key !== signatureKey) secretTexts(element, inSecret, found);
    }
  }
  return found;
}
