import { RequestTooLargeError } from "./errors";
import type { VodAction } from "./wire";

/** The largest request the service takes, in bytes. */
export const maxRequestBytes = 10 * 1024 * 1024;

/**
 * The body of a request: JSON without nulls at any depth, as official clients send it.
 *
 * @throws RequestTooLargeError over 10 MB
 */
export function requestBody(action: VodAction, request: object): Buffer {
  const body = Buffer.from(JSON.stringify(withoutNulls(request)));
  if (body.length > maxRequestBytes) {
    const megabytes = (body.length / 1024 / 1024).toFixed(1);
    throw new RequestTooLargeError(
      `The request of ${action} has ${megabytes} MB; the service takes at most 10 MB. Nothing was sent or billed.`,
      {
        action,
        billed: "no",
        nextStep: "Give the images in `fileInfos[].asset` or `base64` by `url` or `fileId`, or smaller.",
      },
    );
  }
  return body;
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.filter((item) => item !== null && item !== undefined).map(withoutNulls);
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== null && item !== undefined);
    return Object.fromEntries(entries.map(([name, item]) => [name, withoutNulls(item)]));
  }
  return value;
}
