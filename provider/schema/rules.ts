import type { Failure } from "./failure";
import { isDeeperThan, isEmpty, isGiven, isObject, type JsonObject, maxDepth } from "./json";
import { uncarriedFailures } from "./keepers";
import { isUnknown } from "./unknown";

/** Rules that tie fields of the request to one another, whatever the model. What is not known yet breaks none. */
export function requestRuleFailures(request: JsonObject): Failure[] {
  return [
    ...promptFailures(request),
    ...fileInfoFailures(request["fileInfos"]),
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

/** Greatest size of all Base64 reference images together, as bytes of the pictures; as text they fit in 10 MB. */
export const maxBase64Bytes = 7 * 1024 * 1024;

/** The field that each type of reference image is given in. */
const sources: Readonly<Record<string, string>> = { File: "fileId", Url: "url", Base64: "base64" };

function fileInfoFailures(fileInfos: unknown): Failure[] {
  if (!Array.isArray(fileInfos)) {
    return [];
  }
  const failures = fileInfos.flatMap((item: unknown, index) =>
    isObject(item)
      ? [...sourceFailures(item, `fileInfos[${index}]`), ...base64Failures(item, `fileInfos[${index}]`)]
      : [],
  );
  const bytes = fileInfos.reduce<number>(
    (sum, item: unknown) => sum + (isObject(item) ? base64Bytes(item["base64"]) : 0),
    0,
  );
  if (bytes > maxBase64Bytes) {
    const reason = `has Base64 pictures of ${bytes} bytes in all; at most ${maxBase64Bytes} (7 MB) are allowed: give some as fileId or url`;
    failures.push({ property: "fileInfos", reason });
  }
  return failures;
}

function sourceFailures(item: JsonObject, property: string): Failure[] {
  const fields = Object.values(sources);
  const known = fields.filter((field) => !isEmpty(item[field]) && !isUnknown(item[field]));
  const hasUnknown = fields.some((field) => isUnknown(item[field]));
  if (known.length > 1 || (known.length === 0 && !hasUnknown)) {
    return [{ property, reason: `must have exactly one of ${fields.join(", ")}` }];
  }
  const { type } = item;
  const expected = typeof type === "string" && Object.hasOwn(sources, type) ? sources[type] : undefined;
  const [given] = known;
  if (expected === undefined || given === undefined || given === expected) {
    return [];
  }
  return [
    {
      property: `${property}.type`,
      reason: `is ${type}, which goes with ${expected}, but ${given} is given: remove type`,
    },
  ];
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
