/** A request of the API in each of the forms that the service takes: what it asks, and how it is signed. */
import { ApiError } from "./apiError";
import { authenticate, type Key, type SignedRequest } from "./authentication";
import { type Fields, readFields, unflattened } from "./form";
import type { Parameters } from "./parameters";
import { hasType, isForm, type RequestHead } from "./requestHead";
import { authenticateV1, commonParameters } from "./signatureV1";

/** The service's limits of a request, in bytes: of its query, and of its body by the method of its signature. */
const mostBytes = { query: 32 * 1024, v1: 1024 * 1024 };

export interface ApiRequest {
  readonly action: string;
  readonly version: string;
  /** Where the action and the version are told. */
  readonly names: { readonly action: string; readonly version: string };
  /** Throws the service's error unless it is signed with one of `keys`, at about one of `times`. */
  authenticate(keys: readonly Key[], times: readonly number[]): void;
  /** Throws the service's error where there are none to be read. */
  parameters(): Parameters;
}

export function readRequest(head: RequestHead, body: Buffer): ApiRequest {
  if (Buffer.byteLength(head.query) > mostBytes.query) throw tooLarge("query", "32 KB");
  const { headers } = head;
  const isV1 = headers.authorization === undefined && headers["x-tc-action"] === undefined;
  if (isV1 && (head.method === "GET" || isForm(head))) {
    if (body.length > mostBytes.v1) throw tooLarge("form", "1 MB");
    return requestV1(head, readFields(head.method === "GET" ? head.query : body.toString("utf8")));
  }
  return requestTc3({ ...head, body });
}

function requestTc3(request: SignedRequest): ApiRequest {
  const { headers } = request;
  return {
    action: String(headers["x-tc-action"] ?? ""),
    version: String(headers["x-tc-version"] ?? ""),
    names: { action: "the header X-TC-Action", version: "X-TC-Version" },
    authenticate: (keys, times) => authenticate(request, keys, times),
    parameters: () => (request.method === "GET" ? queryParameters(request) : jsonParameters(request)),
  };
}

function requestV1(head: RequestHead, fields: Fields): ApiRequest {
  const asked = new Map([...fields].filter(([name]) => !commonParameters.has(name)));
  return {
    action: fields.get("Action") ?? "",
    version: fields.get("Version") ?? "",
    names: { action: "the parameter Action", version: "Version" },
    authenticate: (keys, times) => authenticateV1(head, fields, keys, times),
    parameters: () => unflattened(asked),
  };
}

function queryParameters({ query, headers }: SignedRequest): Parameters {
  if (!isForm({ method: "GET", query, headers })) {
    throw new ApiError("InvalidRequest", "The Content-Type of a GET must be application/x-www-form-urlencoded.");
  }
  return unflattened(readFields(query));
}

function jsonParameters({ headers, body }: SignedRequest): Parameters {
  if (!hasType(headers, /^application\/json\s*(;|$)/i)) {
    throw new ApiError(
      "InvalidRequest",
      "The Content-Type of a POST signed with TC3-HMAC-SHA256 must be application/json: the actions here take no file, " +
        "and so no multipart/form-data.",
    );
  }
  let parameters: unknown;
  try {
    parameters = JSON.parse(body.toString("utf8"), withoutNulls);
  } catch {
    throw new ApiError("InvalidParameter", "The request body is not JSON.");
  }
  if (typeof parameters !== "object" || parameters === null || Array.isArray(parameters)) {
    throw new ApiError("InvalidParameter", "The request body is not a JSON object.");
  }
  return parameters as Parameters;
}

/** A null means the same as nothing. */
function withoutNulls(this: unknown, _key: string, value: unknown): unknown {
  return value === null && !Array.isArray(this) ? undefined : value;
}

function tooLarge(what: string, most: string): ApiError {
  return new ApiError("RequestSizeLimitExceeded", `The ${what} is larger than ${most}.`);
}
