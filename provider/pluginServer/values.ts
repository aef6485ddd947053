import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { loadPulumiSdk } from "../pulumiSdk";
import { isObject, type JsonObject } from "../schema/json";
import { secretSignature, signatureKey } from "../schema/signatures";

const { structMessages } = loadPulumiSdk();

/** Properties as they came: a value that is not known yet is a text (`UNKNOWN`), an asset an object with its signature. */
export function propertiesIn(struct: Struct | undefined): JsonObject {
  return struct?.toJavaScript() ?? {};
}

/** Properties as they are sent. */
export function structOf(properties: JsonObject): Struct {
  return structMessages.Struct.fromJavaScript(properties as Parameters<typeof Struct.fromJavaScript>[0]);
}

export function secret(value: unknown): JsonObject {
  return { [signatureKey]: secretSignature, value };
}

/** A value without its marks of secrets, at any depth. */
export function withoutSecretMarks(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecretMarks);
  if (!isObject(value)) return value;
  if (value[signatureKey] === secretSignature) return withoutSecretMarks(value["value"]);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSecretMarks(inner)]));
}
