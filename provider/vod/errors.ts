import type { VodAction } from "./wire";

/**
 * Whether what failed has cost money: `no`, `yes`, or `unknown` when a submit may or may not have been accepted.
 * An unknown submit is settled by its SessionId, never by a second one under another SessionId.
 */
export type Billed = "no" | "yes" | "unknown";

/** What every error of this package carries, apart from its message. */
export interface ErrorFacts {
  action?: VodAction | undefined;
  /** The service's error code, such as `InvalidParameterValue.SubAppId`. */
  code?: string | undefined;
  requestId?: string | undefined;
  taskId?: string | undefined;
  sessionId?: string | undefined;
  billed: Billed;
  /** The next step that costs nothing. The message ends with it. */
  nextStep: string;
}

const lineage = Symbol.for("pulumi-tencent-aigc.errors.lineage");

/**
 * Base of all errors of this package. Messages hold no credential, no signature and no text of a request.
 *
 * Test with `TencentAigcError.isInstance(error)`, which, unlike `instanceof`, also knows errors of a second loaded copy
 * of the package. It works alike on each subclass.
 */
export class TencentAigcError extends Error {
  declare readonly action?: VodAction;
  declare readonly code?: string;
  declare readonly requestId?: string;
  declare readonly taskId?: string;
  declare readonly sessionId?: string;
  declare readonly billed: Billed;
  declare readonly nextStep: string;

  constructor(what: string, facts: ErrorFacts) {
    super(`${what} ${facts.nextStep}`);
    Object.assign(this, Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)));
    Object.defineProperty(this, "name", { value: new.target.name, configurable: true, writable: true });
  }

  /** Names of the classes this error is of, nearest first. */
  get [lineage](): string[] {
    const names: string[] = [];
    for (let type = this.constructor; type.name !== "Error" && type.name !== ""; type = Object.getPrototypeOf(type)) {
      names.push(type.name);
    }
    return names;
  }

  static isInstance<E extends TencentAigcError>(
    this: (abstract new (...args: never[]) => E) & { readonly name: string },
    value: unknown,
  ): value is E {
    const names = typeof value === "object" && value !== null ? (value as { [lineage]?: unknown })[lineage] : undefined;
    // biome-ignore lint/complexity/noThisInStatic: on a subclass, `this` is that subclass.
    return Array.isArray(names) && names.includes(this.name);
  }
}

/** One setting that is missing or not as it must be. */
export interface ConfigurationProblem {
  /** The full key, such as `tencent-aigc:endpoint`, or the name of an environment variable. */
  key: string;
  /** What is allowed, as the end of a sentence: `must be a whole number from 1 to 1000`. */
  rule: string;
  /** How to set it right, as a sentence. */
  fix: string;
}

/** Stack config, environment or credentials are missing or not allowed. Nothing was sent. */
export class ConfigurationError extends TencentAigcError {
  declare readonly problems: readonly ConfigurationProblem[];

  constructor(problems: readonly ConfigurationProblem[]) {
    super(`${rulesText(problems)} Nothing was sent.`, { billed: "no", nextStep: fixesText(problems) });
    Object.assign(this, { problems });
  }
}

/** What is wrong and how to set it right, for a message that says itself that nothing was sent. */
export function problemsText(problems: readonly ConfigurationProblem[]): string {
  return `${rulesText(problems)} ${fixesText(problems)}`;
}

function rulesText(problems: readonly ConfigurationProblem[]): string {
  return problems.map(({ key, rule }) => `${key} ${rule}.`).join(" ");
}

function fixesText(problems: readonly ConfigurationProblem[]): string {
  return [...new Set(problems.map(({ fix }) => fix))].join(" ");
}

/** The request is larger than the service takes. Nothing was sent. */
export class RequestTooLargeError extends TencentAigcError {}

/** The service was reached and answered with an error. */
export class ApiError extends TencentAigcError {
  declare readonly action: VodAction;
  declare readonly code: string;
}

/** The service already has a task under this SessionId: an earlier submit was accepted, and this one was not. */
export class DuplicateSessionError extends ApiError {}

/** No connection could be opened: not a byte of the request was written. */
export class NotConnectedError extends TencentAigcError {
  declare readonly action: VodAction;
  /** What stood in the way, as a short code such as `ECONNREFUSED`. */
  declare readonly reason: string;

  constructor(what: string, facts: ErrorFacts & { reason: string }) {
    super(what, facts);
  }
}

/** The request was sent, at least in part, and no usable answer came back: it may have taken effect. */
export class AnswerLostError extends TencentAigcError {
  declare readonly action: VodAction;
  /** What became of the answer, as a short code such as `ECONNRESET` or `HTTP 502`. */
  declare readonly reason: string;

  constructor(what: string, facts: ErrorFacts & { reason: string }) {
    super(what, facts);
  }
}

/** Whether the service refused a submit because it already has a task under its SessionId. */
export function isDuplicateSession(error: TencentAigcError): boolean {
  return error.code === "InvalidParameterValue.SessionId" && error.action === "CreateAigcImageTask";
}
