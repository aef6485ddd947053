import type { z } from "zod";
import { inputsThat } from "./effects";
import { isObject } from "./json";
import { nearest } from "./nearest";
import { isUnknown } from "./unknown";

/** A rule that an input breaks. */
export interface Failure {
  /** Path of the input, as in `outputConfig.resolution` and `fileInfos[2].url`; empty for the inputs as a whole. */
  readonly property: string;
  /** What is allowed and what to do. Never holds an input's free text. */
  readonly reason: string;
  /** What else a Pulumi program can do, which has no meaning for another client of the service. */
  readonly wayOut?: string;
}

/** All that a Pulumi program is told. */
export function reasonWithWayOut({ reason, wayOut }: Failure): string {
  return wayOut === undefined ? reason : `${reason} (${wayOut})`;
}

const hidden: ReadonlySet<string> = new Set(inputsThat("hidden"));

type Path = readonly PropertyKey[];

export function propertyPath(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") {
      return `${text}[${key}]`;
    }
    const name = shortName(String(key));
    if (!/^[A-Za-z_$][\w$]*$/.test(name)) {
      return `${text}[${JSON.stringify(name)}]`;
    }
    return text === "" ? name : `${text}.${name}`;
  }, "");
}

/** Names of the user's own, such as a mistyped property, can be of any length. */
function shortName(name: string): string {
  return name.length > 60 ? `${name.slice(0, 60)}…` : name;
}

/** What is wrong with the value by the field rules of a schema. A value that is not known yet breaks none. */
export function schemaFailures(schema: z.ZodType, value: unknown): Failure[] {
  const result = schema.safeParse(value);
  if (result.success) {
    return [];
  }
  const failures = new Map<string, Failure>();
  for (const issue of result.error.issues) {
    for (const failure of failuresOf(issue, value, schema)) {
      // One reason per property: each says all that is allowed there.
      if (!failures.has(failure.property)) {
        failures.set(failure.property, failure);
      }
    }
  }
  return [...failures.values()];
}

function failuresOf(issue: z.core.$ZodIssue, value: unknown, schema: z.ZodType): Failure[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      property: propertyPath([...issue.path, key]),
      reason: unknownPropertyReason(key, namesAt(schema, issue.path)),
    }));
  }
  return isUnknown(valueAt(value, issue.path)) ? [] : [{ property: propertyPath(issue.path), reason: issue.message }];
}

function unknownPropertyReason(key: string, names: readonly string[]): string {
  const near = nearest(key, names);
  return near === undefined
    ? `is no input; the inputs here are ${names.join(", ")}`
    : `is no input; did you mean ${near}?`;
}

/** Names of the properties that the schema knows at a path, hidden ones left out. */
function namesAt(schema: z.ZodType, path: Path): string[] {
  let at: unknown = schema;
  for (const key of path) {
    at = unwrapped(at);
    at = typeof key === "number" ? (at as z.ZodArray).element : (at as z.ZodObject).shape[String(key)];
  }
  return Object.keys((unwrapped(at) as z.ZodObject).shape).filter((name) => !hidden.has(name));
}

function unwrapped(schema: unknown): unknown {
  const { unwrap } = schema as { unwrap?: () => unknown };
  return (schema as z.ZodType).type === "optional" && unwrap ? unwrap.call(schema) : schema;
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const key of path) {
    if (!(isObject(at) || Array.isArray(at)) || !Object.hasOwn(at, key)) {
      return undefined;
    }
    at = (at as Record<PropertyKey, unknown>)[key];
  }
  return at;
}
