/** What is known of a request before its body is read. */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { readFields } from "./form";

export interface RequestHead {
  readonly method: string;
  /** What follows `?`, or nothing. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
}

export function headOf({ method = "", url = "", headers }: IncomingMessage): RequestHead {
  const start = url.indexOf("?");
  return { method, query: start < 0 ? "" : url.slice(start + 1), headers };
}

/** The action, where the head of the request already tells it. */
export function actionInHead({ query, headers }: RequestHead): string | undefined {
  const header = headers["x-tc-action"];
  return header === undefined ? readFields(query).get("Action") : String(header);
}

/** Whether a request without a body is meant for the API, not for a page to look at. */
export function asksApi(head: RequestHead): boolean {
  return head.headers.authorization !== undefined || actionInHead(head) !== undefined;
}

export function isForm({ headers }: RequestHead): boolean {
  return hasType(headers, /^application\/x-www-form-urlencoded\s*(;|$)/i);
}

export function hasType(headers: IncomingHttpHeaders, type: RegExp): boolean {
  return type.test(headers["content-type"] ?? "");
}
