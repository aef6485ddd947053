import { type ActionName, actionNames } from "./actionNames";
import { type ArmedFault, type FaultKind, faultKinds } from "./faultKinds";
import type { Parameter } from "./faultParameters";

/** Checked, with every default filled in. */
export interface ScriptedFault {
  readonly fault: ArmedFault<FaultKind>;
  /** Undefined for any. */
  readonly action: string | undefined;
  readonly prompt: string | undefined;
  /** How many matching requests are still let pass, and how many are then spoilt. */
  pass: number;
  left: number;
}

/** What a request is told by. */
export interface RequestSeen {
  readonly action: string;
  readonly prompt?: unknown;
}

/** More than any script needs; a program that sets them in a loop is told so. */
const mostFaults = 10_000;

/** Faults in the order they were set. A request takes at most one of each stage: the first that is due. */
export class Faults {
  private scripted: ScriptedFault[] = [];

  /** All, or none where they would be too many. */
  add(faults: readonly ScriptedFault[]): void {
    if (this.scripted.length + faults.length > mostFaults) {
      throw new RangeError(`at most ${mostFaults} faults can be set at once`);
    }
    this.scripted.push(...faults);
  }

  /** Those that are not used up, in the order they were set. */
  armed(): readonly ScriptedFault[] {
    return this.scripted;
  }

  clear(): void {
    this.scripted = [];
  }

  /** The fault of one of these kinds that spoils this request, used up by one. */
  take<K extends FaultKind>(kinds: readonly K[], request: RequestSeen): ArmedFault<K> | undefined {
    if (this.scripted.length === 0) return undefined;
    let taken: ArmedFault<K> | undefined;
    for (const one of this.scripted) {
      if (!isOneOf(one.fault, kinds) || !matches(one, request)) continue;
      if (one.pass > 0) {
        one.pass -= 1;
      } else if (!taken) {
        one.left -= 1;
        taken = one.fault;
      }
    }
    this.scripted = this.scripted.filter((one) => one.left > 0);
    return taken;
  }
}

function isOneOf<K extends FaultKind>(fault: ArmedFault<FaultKind>, kinds: readonly K[]): fault is ArmedFault<K> {
  return (kinds as readonly FaultKind[]).includes(fault.kind);
}

function matches({ action, prompt }: ScriptedFault, request: RequestSeen): boolean {
  if (action !== undefined && action !== request.action) return false;
  return prompt === undefined || (typeof request.prompt === "string" && request.prompt.includes(prompt));
}

const mostRequests = 1_000_000;

/** Which requests a fault spoils: for kinds of every stage but `listener`. */
const whichParameters = {
  times: {
    allowed: `an integer from 1 to ${mostRequests}, or "always"`,
    default: 1,
    holds: (value: unknown) => value === "always" || isWhole(value, 1, mostRequests),
  },
  after: {
    allowed: `an integer from 0 to ${mostRequests}`,
    default: 0,
    holds: (value: unknown) => isWhole(value, 0, mostRequests),
  },
};

/** Checks what came over HTTP, or from a program without types. Throws a `RangeError` that says what is allowed. */
export function checkFault(value: unknown): ScriptedFault {
  if (typeof value !== "object" || value === null) throw new RangeError("a fault is an object with a kind");
  const { kind, ...given } = value as Readonly<Record<string, unknown>>;
  if (!isKind(kind)) throw new RangeError(`a fault's kind is one of ${Object.keys(faultKinds).join(", ")}`);
  const allowed = parametersOf(kind);
  for (const [name, field] of Object.entries(given)) {
    const parameter = Object.hasOwn(allowed, name) ? allowed[name] : undefined;
    if (!parameter) {
      const names = Object.keys(allowed);
      const has = names.length === 0 ? "it has none" : `it has ${names.join(", ")}`;
      throw new RangeError(`a fault of kind ${kind} has no field ${JSON.stringify(name)}: ${has}`);
    }
    if (field !== undefined && !parameter.holds(field)) {
      throw new RangeError(`the ${name} of ${kind} cannot be ${JSON.stringify(field)}: it is ${parameter.allowed}`);
    }
  }
  const complete: Record<string, unknown> = { kind };
  for (const [name, parameter] of Object.entries(allowed)) complete[name] = given[name] ?? parameter.default;
  const { action, times, after, prompt, ...fault } = complete;
  return {
    // Every field was checked by the row of the table that its type is made of.
    fault: fault as unknown as ArmedFault<FaultKind>,
    action: typeof action === "string" && action !== "*" ? action : undefined,
    prompt: typeof prompt === "string" ? prompt : undefined,
    pass: typeof after === "number" ? after : 0,
    left: typeof times === "number" ? times : Number.POSITIVE_INFINITY,
  };
}

function isKind(kind: unknown): kind is FaultKind {
  return typeof kind === "string" && Object.hasOwn(faultKinds, kind);
}

/** Every field that a fault of this kind may have. */
function parametersOf(kind: FaultKind): Readonly<Record<string, Parameter<unknown>>> {
  const row: { stage: string; parameters: object; actions?: readonly ActionName[] } = faultKinds[kind];
  const own = row.parameters as Record<string, Parameter<unknown>>;
  if (row.stage === "listener") return own;
  const actions: readonly string[] = ["*", ...(row.actions ?? actionNames)];
  const action = {
    allowed: `one of ${actions.join(", ")}`,
    default: "*",
    holds: (value: unknown) => typeof value === "string" && actions.includes(value),
  };
  const prompt = { allowed: "a text", default: undefined, holds: (value: unknown) => typeof value === "string" };
  return { ...own, action, ...whichParameters, ...(row.stage === "gateway" ? {} : { prompt }) };
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
}
