import type { IncomingMessage } from "node:http";

/** The service's limit for a signed JSON request. */
export const bodyLimit = 10 * 1024 * 1024;

/**
 * All bytes of a request's body; undefined when there are more than `limit`. Those are read and dropped, up to a
 * point: an answer sent while a client still writes is lost to it.
 */
export async function readBody(incoming: IncomingMessage, limit = bodyLimit): Promise<Buffer | undefined> {
  let chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    length += chunk.length;
    if (length > 8 * limit) incoming.destroy();
    if (length > limit) chunks = [];
    else chunks.push(chunk);
  }
  return length > limit ? undefined : Buffer.concat(chunks);
}
