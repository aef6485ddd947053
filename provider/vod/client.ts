import { version } from "../version";
import { readAnswer } from "./answer";
import { type Clock, systemClock } from "./clock";
import { areSame, type Credentials } from "./credentials";
import type { Endpoint } from "./endpoint";
import type { TencentAigcError } from "./errors";
import { answerLost, factsOf, notConnected, refusal } from "./failures";
import { createPace, type Pace, readRates } from "./pace";
import { requestBody } from "./requestBody";
import { isLastingReason, readRetryAfter, retryDelayMs, type Trouble, troubleOfCode } from "./retry";
import { ServiceClock } from "./serviceClock";
import { authorization, contentType } from "./sign";
import { createTransport, defaultTimeouts, type Outcome, type Timeouts } from "./transport";
import type { VodAction, VodActions } from "./wire";

/** Times that differ by less are not what made a signature expire, in milliseconds; the service allows 5 minutes. */
const clockToleranceMs = 60_000;

/** One try of a call, as `onAttempt` is told about it when it has ended. */
export interface Attempt {
  action: VodAction;
  /** 1 for the first. */
  number: number;
  /** What went wrong, if anything did. */
  error?: TencentAigcError;
  /** How long the call waits before it tries again; absent when it does not. */
  retryInMs?: number;
}

export interface CallOptions {
  /**
   * Ends the call. It then rejects with the signal's reason, except a submit of which anything was sent already: that
   * rejects with an AnswerLostError.
   */
  signal?: AbortSignal | undefined;
  /** Runs before every try, when credentials and turn are at hand. Throwing sends nothing and ends the call. */
  beforeSend?: () => void | Promise<void>;
  /**
   * Runs last of all before every try.
   * @param signedAt the time that is signed, or the service's own if that is later (ms); the service takes no request
   * that arrives more than 5 minutes after it. Throwing sends nothing and ends the call
   */
  beforeSigning?: (signedAt: number) => void;
  /** Runs after every try. */
  onAttempt?: (attempt: Attempt) => void;
  /** Asked before what passes is tried again, with how often it was already. @default always */
  retry?: (trouble: Trouble, retries: number) => boolean;
}

export interface VodClient {
  /** The endpoint's host. */
  readonly host: string;
  /** Whether the endpoint is this machine. */
  readonly loopback: boolean;
  /**
   * Calls an action. Fails with an ApiError, a DuplicateSessionError, a NotConnectedError, an AnswerLostError, a
   * RequestTooLargeError or a ConfigurationError; what passes is retried, a submit only where it was certainly not
   * accepted.
   */
  call<A extends VodAction>(
    action: A,
    request: VodActions[A]["request"],
    options?: CallOptions,
  ): Promise<VodActions[A]["response"]>;
  /** The service's time, in milliseconds since the epoch, as its latest answer told; `undefined` before the first. */
  serviceNow(): number | undefined;
  /** Makes `serviceNow` reliable: where no answer has told the time since a clock was set, one unbilled request is made. */
  learnServiceTime(subAppId: number): Promise<void>;
  /** Closes all connections. */
  close(): Promise<void>;
}

export interface VodClientOptions {
  endpoint: Endpoint;
  /**
   * Asked before every try, so that none are needed where nothing is sent; and once more in a call, with those that were
   * refused, so that keys that ended or were replaced meanwhile fail nothing.
   */
  credentials: (refused?: Credentials) => Promise<Credentials>;
  /** Submits a second. */
  requestsPerSecond: number;
  /** Time for waits and for the pace; it may run faster than real time. @default systemClock */
  clock?: Clock;
  /** Real time in milliseconds since the epoch, by which the service judges signatures. @default Date.now */
  realNow?: () => number;
  /** Where the proxy variables are looked up. @default process.env */
  env?: NodeJS.ProcessEnv;
  timeouts?: Partial<Timeouts>;
  /** Ends every call; of a submit only its waiting, for what is on its way has a signal of its own. */
  cancelled?: AbortSignal;
  /** Milliseconds that only ever rise. @default performance.now */
  monotonicNow?: () => number;
  /** From 0 to 1, exclusive. @default Math.random */
  random?: () => number;
  /** PEM of a certificate authority to trust in place of the system's. */
  certificateAuthority?: string;
  /**
   * Takes a turn for a submit to an application beside the other processes of this machine.
   * @returns how long it is until then (ms) @default at once
   */
  nextTurn?: ((subAppId: number) => number) | undefined;
}

/** What one try came to. */
type Result<A extends VodAction> =
  | { response: VodActions[A]["response"] }
  | { error: TencentAigcError; trouble?: Trouble | undefined; retryAfterMs?: number | undefined; resign?: boolean };

export function createVodClient(options: VodClientOptions): VodClient {
  const { endpoint, credentials, clock = systemClock, env = process.env } = options;
  const { realNow = Date.now, random = Math.random, monotonicNow = () => performance.now() } = options;
  const transport = createTransport({
    endpoint,
    env,
    timeouts: { ...defaultTimeouts, ...options.timeouts },
    certificateAuthority: options.certificateAuthority,
  });
  const rates: Record<VodAction, number> = { ...readRates, CreateAigcImageTask: options.requestsPerSecond };
  const paces = new Map<VodAction, Pace>();
  const serviceClock = new ServiceClock(realNow, monotonicNow);
  /** The same for signing: 0 unless the service has refused this machine's time. */
  let signingOffsetMs = 0;

  function paceOf(action: VodAction): Pace {
    const pace = paces.get(action) ?? createPace(rates[action], clock, { random, nextTurn: options.nextTurn });
    paces.set(action, pace);
    return pace;
  }

  async function call<A extends VodAction>(
    action: A,
    request: VodActions[A]["request"],
    given: CallOptions = {},
  ): Promise<VodActions[A]["response"]> {
    const { beforeSend, beforeSigning = () => {}, onAttempt, retry = () => true } = given;
    const isSubmit = action === "CreateAigcImageTask";
    const signal = given.signal ?? (isSubmit ? undefined : options.cancelled);
    // Its own signal ends a submit that is on its way; a Cancel one that is not.
    const waiting = isSubmit ? (options.cancelled ?? signal) : signal;
    const body = requestBody(action, request);
    const pace = paceOf(action);
    let firstAt: number | undefined;
    let resigned = false;
    let refused: Credentials | undefined;
    let retries = 0;
    for (let number = 1; ; number++) {
      await pace.turn(waiting, isSubmit ? request.SubAppId : undefined);
      firstAt ??= clock.now();
      waiting?.throwIfAborted();
      const keys = await orAborted(credentials(refused), waiting);
      const asked = clock.now();
      await beforeSend?.();
      firstAt += clock.now() - asked;
      const signedAt = realNow() + signingOffsetMs;
      beforeSigning(Math.max(signedAt, serviceClock.now() ?? signedAt));
      const result = await attempt(action, request, body, keys, signedAt, signal);
      if ("response" in result) {
        pace.faster();
        onAttempt?.({ action, number });
        return result.response;
      }
      const { error, trouble, retryAfterMs } = result;
      if (trouble === "throttled") {
        pace.slower();
      }
      let delay: number | undefined;
      if (result.resign && !resigned) {
        resigned = true;
        delay = 0;
      } else if (!refused && isRefusalOfKeys(error.code) && !areSame(await credentials(keys), keys)) {
        refused = keys;
        delay = 0;
      } else if (trouble && retry(trouble, retries)) {
        const elapsedMs = clock.now() - firstAt;
        delay = retryDelayMs({ action, trouble, retries: retries++, elapsedMs, retryAfterMs, random: random() });
      }
      onAttempt?.({ action, number, error, ...(delay === undefined ? {} : { retryInMs: delay }) });
      if (delay === undefined) {
        throw error;
      }
      if (delay > 0) {
        await clock.sleep(delay, waiting);
      }
    }
  }

  /** Sends the request once, and says what came of it. */
  async function attempt<A extends VodAction>(
    action: A,
    request: VodActions[A]["request"],
    body: Buffer,
    keys: Credentials,
    signedAt: number,
    signal: AbortSignal | undefined,
  ): Promise<Result<A>> {
    const timestamp = Math.floor(signedAt / 1000);
    const signature = authorization(keys, { hostname: endpoint.url.hostname, body, timestamp });
    const headers: Record<string, string> = {
      authorization: signature,
      "content-type": contentType,
      "accept-encoding": "identity",
      "x-tc-action": action,
      "x-tc-version": "2018-07-17",
      "x-tc-timestamp": String(timestamp),
      "x-tc-language": "en-US",
      "x-tc-requestclient": `pulumi-tencent-aigc/${version}`,
      ...(keys.token ? { "x-tc-token": keys.token } : {}),
    };
    const outcome = await transport.post(headers, body, signal);
    const facts = factsOf(action, request);
    if (outcome.kind !== "answered") {
      if (outcome.reason === "aborted" && (outcome.kind === "notSent" || action !== "CreateAigcImageTask")) {
        throw signal?.reason;
      }
      if (outcome.kind === "lost") {
        return { error: answerLost(facts, outcome.reason), trouble: "answerLost" };
      }
      const lasting = isLastingReason(outcome.reason);
      const error = notConnected(facts, outcome.reason, endpoint.host);
      return { error, trouble: lasting ? undefined : "notConnected" };
    }
    const answer = readAnswer(action, outcome);
    if (answer.kind === "unusable") {
      const error = answerLost(facts, answer.reason, answer.requestId);
      return { error, trouble: "answerLost", retryAfterMs: retryAfterOf(outcome) };
    }
    // Only the service's own answers tell its time: a gateway's may come from anywhere.
    const serviceTime = dateOf(outcome);
    if (serviceTime !== undefined) {
      serviceClock.learn(serviceTime);
    }
    if (answer.kind === "success") {
      return { response: answer.response };
    }
    const secrets = [keys.secretId, keys.secretKey, keys.token ?? ""];
    const error = refusal(facts, answer, request, { secrets, authorization: signature });
    if (answer.code === "AuthFailure.SignatureExpire") {
      const differs = serviceTime !== undefined && Math.abs(serviceTime - timestamp * 1000) > clockToleranceMs;
      if (differs) {
        signingOffsetMs = serviceTime - realNow();
      }
      return { error, resign: differs };
    }
    return { error, trouble: troubleOfCode(answer.code), retryAfterMs: retryAfterOf(outcome) };
  }

  function retryAfterOf(outcome: Outcome & { kind: "answered" }): number | undefined {
    const header = outcome.headers["retry-after"];
    return typeof header === "string" ? readRetryAfter(header, serviceNow() ?? realNow()) : undefined;
  }

  function serviceNow(): number | undefined {
    return serviceClock.now();
  }

  async function learnServiceTime(subAppId: number): Promise<void> {
    if (serviceClock.isReliable) {
      return;
    }
    try {
      await call("DescribeTasks", { SubAppId: subAppId, Limit: 1 });
    } catch (error) {
      // A refusal tells the time as well.
      if (!serviceClock.isReliable) {
        throw error;
      }
    }
  }

  return {
    host: endpoint.host,
    loopback: endpoint.loopback,
    call,
    serviceNow,
    learnServiceTime,
    close: transport.close,
  };
}

/** Codes that say that a key, or its token, is not or no longer good. Nothing of the request was done. */
const refusalsOfKeys: readonly (string | undefined)[] = [
  "AuthFailure.TokenFailure",
  "AuthFailure.SecretIdNotFound",
  "AuthFailure.InvalidSecretId",
];

function isRefusalOfKeys(code: string | undefined): boolean {
  return refusalsOfKeys.includes(code);
}

/** Stops waiting when aborted: keys may take a while where they are renewed. */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    const value = await Promise.race([promise, aborted]);
    signal.throwIfAborted();
    return value;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function dateOf({ headers }: Outcome & { kind: "answered" }): number | undefined {
  const time = typeof headers["date"] === "string" ? Date.parse(headers["date"]) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
