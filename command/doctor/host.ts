import { readAnswer } from "../../provider/vod/answer";
import type { Endpoint } from "../../provider/vod/endpoint";
import { afterNoConnection } from "../../provider/vod/failures";
import { proxyFor } from "../../provider/vod/proxy";
import { isLastingReason } from "../../provider/vod/retry";
import { contentType } from "../../provider/vod/sign";
import { createTransport, defaultTimeouts, type Outcome } from "../../provider/vod/transport";
import { type Finding, failed, notChecked, ok, warning } from "./finding";

export interface HostSeen {
  readonly outcome: Outcome;
  /** Whether the answer is the API's. */
  readonly isApi: boolean;
  /** The variable that names the proxy in use. */
  readonly proxyVariable: string | undefined;
  /** How far the service's clock is ahead of this machine's. */
  readonly aheadMs: number | undefined;
}

/** Sends one request without a signature: every answer of the API is a refusal that tells its time. */
export async function askHost(
  endpoint: Endpoint,
  env: NodeJS.ProcessEnv,
  certificateAuthority?: string,
  now: () => number = Date.now,
): Promise<HostSeen> {
  const timeouts = { ...defaultTimeouts, headersMs: 15_000, totalMs: 30_000 };
  const transport = createTransport({ endpoint, env, timeouts, certificateAuthority });
  try {
    const headers = { "content-type": contentType, "x-tc-action": "DescribeTasks", "x-tc-version": "2018-07-17" };
    const outcome = await transport.post(headers, Buffer.from("{}"));
    const received = now();
    const isApi = outcome.kind === "answered" && readAnswer("DescribeTasks", outcome).kind !== "unusable";
    const date = isApi ? outcome.headers["date"] : undefined;
    const told = typeof date === "string" ? Date.parse(date) : Number.NaN;
    const aheadMs = Number.isNaN(told) ? undefined : told - received;
    return { outcome, isApi, aheadMs, proxyVariable: proxyFor(endpoint, env)?.variable };
  } finally {
    await transport.close();
  }
}

export function judgeHost(host: string, { outcome, isApi, proxyVariable }: HostSeen): Finding {
  const way = proxyVariable === undefined ? "" : ` (proxy of ${proxyVariable}, unless NO_PROXY leaves the host out)`;
  if (outcome.kind === "answered") {
    if (isApi) return ok("host", `${host} answers${way}`);
    const next = `Check \`tencent-aigc:endpoint\`${proxyVariable ? ` and ${proxyVariable}` : ""}: something else answers for this host.`;
    return failed("host", `${host} gives HTTP ${outcome.status}, which is no answer of the API${way}`, next);
  }
  const text = `no answer from ${host}: ${outcome.reason}${way}`;
  if (isLastingReason(outcome.reason)) return failed("host", text, afterNoConnection(outcome.reason));
  const through = proxyVariable ? `Check the proxy in ${proxyVariable}, NO_PROXY` : "Check the network, HTTPS_PROXY";
  return failed("host", text, `${through} and \`tencent-aigc:endpoint\`.`);
}

const noticeableMs = 60_000;
/** What the service allows a signature to be off by. */
const allowedMs = 5 * 60_000;

export function judgeClock(aheadMs: number | undefined): Finding {
  if (aheadMs === undefined) return notChecked("clock", "no answer of the service told its time");
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  const text = `this machine's clock is ${seconds} s ${aheadMs > 0 ? "behind" : "ahead of"} the service's`;
  if (Math.abs(aheadMs) < noticeableMs) return ok("clock", text);
  const effect =
    Math.abs(aheadMs) < allowedMs
      ? "more than 5 minutes would be refused at first"
      : "requests are refused first, then signed by the service's time";
  return warning("clock", `${text}; ${effect}`, "Set this machine's clock, for example by NTP.");
}
