import { maxRequestBytes } from "../vod/requestBody";
import { assetReason } from "./assets";
import type { Failure } from "./failure";
import { isDeeperThan, isEmpty, isGiven, isObject, type JsonObject, maxDepth } from "./json";
import { uncarriedFailures } from "./keepers";
import { type ImageRequest, isDigest, toWire } from "./request";
import { containsUnknown, isUnknown } from "./unknown";

/** How many bytes the file of an asset has; 0 where that is not known. */
export type BytesOf = (asset: unknown) => number;

/** Rules that tie fields of the request to one another, whatever the model. What is not known yet breaks none. */
export function requestRuleFailures(request: JsonObject, bytesOf: BytesOf): Failure[] {
  return [
    ...promptFailures(request),
    ...fileInfoFailures(request["fileInfos"], bytesOf),
    ...extInfoFailures(request),
    ...freeFormFailures(request, "additionalParameters"),
  ];
}

function promptFailures({ prompt, fileInfos }: JsonObject): Failure[] {
  const isBlank = isEmpty(prompt) || (typeof prompt === "string" && prompt.trim() === "");
  return isBlank && isEmpty(fileInfos)
    ? [{ property: "prompt", reason: "is required when fileInfos is empty: say what the picture shows" }]
    : [];
}

function extInfoFailures({ extInfo, additionalParameters }: JsonObject): Failure[] {
  // An unknown may turn out to be left out.
  if (isEmpty(extInfo) || isEmpty(additionalParameters) || isUnknown(extInfo) || isUnknown(additionalParameters)) {
    return [];
  }
  const reason = "is not allowed together with additionalParameters, which is encoded into it: give one of the two";
  return [{ property: "extInfo", reason }];
}

function freeFormFailures(inputs: JsonObject, property: string): Failure[] {
  return isDeeperThan(inputs[property], maxDepth)
    ? [{ property, reason: `must not be nested deeper than ${maxDepth} levels` }]
    : uncarriedFailures(inputs, property);
}

/** Greatest size of all local reference images together, as bytes of the pictures; as Base64 they fit in 10 MB. */
export const maxBase64Bytes = 7 * 1024 * 1024;

/** The type of reference image that each field gives. */
const types: Readonly<Record<string, string>> = { fileId: "File", url: "Url", asset: "Base64", base64: "Base64" };

function fileInfoFailures(fileInfos: unknown, bytesOf: BytesOf): Failure[] {
  if (!Array.isArray(fileInfos)) {
    return [];
  }
  const items = fileInfos.map((item: unknown) => (isObject(item) ? withoutDigest(item) : {}));
  const failures = items.flatMap((item, index) => {
    const property = `fileInfos[${index}]`;
    return isObject(fileInfos[index])
      ? [...sourceFailures(item, property), ...assetFailures(item, property), ...base64Failures(item, property)]
      : [];
  });
  const bytes = items.reduce<number>((sum, item) => sum + base64Bytes(item["base64"]) + bytesOf(item["asset"]), 0);
  if (bytes > maxBase64Bytes) {
    const reason = `has local pictures of ${bytes} bytes in all; at most ${maxBase64Bytes} (7 MB) are allowed: give some as fileId or url`;
    failures.push({ property: "fileInfos", reason });
  }
  return failures;
}

/** A reference image as the program gives it: beside an asset, `check` itself puts a digest. */
function withoutDigest(item: JsonObject): JsonObject {
  const { base64, ...rest } = item;
  return isGiven(item["asset"]) && isDigest(base64) ? rest : item;
}

function sourceFailures(item: JsonObject, property: string): Failure[] {
  const fields = Object.keys(types);
  const known = fields.filter((field) => !isEmpty(item[field]) && !isUnknown(item[field]));
  const hasUnknown = fields.some((field) => isUnknown(item[field]));
  if (known.length > 1 || (known.length === 0 && !hasUnknown)) {
    return [{ property, reason: `must have exactly one of ${fields.join(", ")}` }];
  }
  const { type } = item;
  const expected = fields.filter((field) => types[field] === type);
  const [given] = known;
  if (expected.length === 0 || given === undefined || expected.includes(given)) {
    return [];
  }
  return [
    {
      property: `${property}.type`,
      reason: `is ${type}, which goes with ${expected.join(" or ")}, but ${given} is given: remove type`,
    },
  ];
}

function assetFailures({ asset }: JsonObject, property: string): Failure[] {
  const reason = isEmpty(asset) || isUnknown(asset) ? undefined : assetReason(asset);
  return reason === undefined ? [] : [{ property: `${property}.asset`, reason }];
}

function base64Failures({ base64 }: JsonObject, property: string): Failure[] {
  if (typeof base64 !== "string" || base64 === "" || isUnknown(base64)) {
    return [];
  }
  if (base64.startsWith("data:")) {
    return [{ property: `${property}.base64`, reason: "must be without the prefix data:...;base64, : remove it" }];
  }
  return base64.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(base64)
    ? []
    : [
        {
          property: `${property}.base64`,
          reason: "must be Base64 text (A-Z a-z 0-9 + / and padding with =), nothing else",
        },
      ];
}

function base64Bytes(base64: unknown): number {
  return typeof base64 !== "string" || isUnknown(base64) ? 0 : Math.floor((base64.replace(/=+$/, "").length * 3) / 4);
}

/** What is added to a request after its check: SessionId, MediaName, a SessionContext. */
const addedBytes = 4096;

/** The greatest request that the service takes. Takes inputs that break no other rule. */
export function sizeFailures(inputs: ImageRequest, bytesOf: BytesOf): Failure[] {
  if (containsUnknown(inputs)) {
    return [];
  }
  const { fileInfos = [] } = inputs;
  const texts = Buffer.byteLength(JSON.stringify(toWire(inputs))) + addedBytes;
  const files = fileInfos.reduce((sum, item: JsonObject) => sum + Math.ceil(bytesOf(item["asset"]) / 3) * 4, 0);
  const bytes = texts + files;
  if (bytes <= maxRequestBytes) {
    return [];
  }
  const reason = `The request would have ${bytes} bytes; the service takes at most ${maxRequestBytes} (10 MB): give reference images by url or fileId, or shorten the texts`;
  return [{ property: "", reason }];
}

/** Rules of the inputs that are not part of the request. */
export function controlRuleFailures(inputs: JsonObject): Failure[] {
  const { sessionId, sessionScope, adoptTaskId, adoptFileIds } = inputs;
  const failures: Failure[] = [];
  if (isKnownGiven(adoptTaskId) && isKnownGiven(adoptFileIds)) {
    const reason = "is not allowed together with adoptTaskId: give the one or the other";
    failures.push({ property: "adoptFileIds", reason });
  }
  if (sessionId === "") {
    const reason = "must not be empty, which would turn off the service's deduplication: remove it to have one derived";
    failures.push({ property: "sessionId", reason });
  }
  if (isKnownGiven(sessionId) && isKnownGiven(sessionScope)) {
    const reason =
      "is not allowed together with sessionId: stacks that share a scope share the identifier that is derived from it. Remove sessionId to share one picture, or sessionScope to send an identifier of your own";
    failures.push({ property: "sessionScope", reason });
  }
  return [...failures, ...freeFormFailures(inputs, "keepers")];
}

function isKnownGiven(value: unknown): boolean {
  return isGiven(value) && !isUnknown(value);
}
