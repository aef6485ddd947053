import * as pulumi from "@pulumi/pulumi";
import { withoutHole, withoutLostReferences } from "./missingPictures";
import { isWhole, uncarriedReason } from "./schema/carried";
import { propertyPath } from "./schema/failure";
import { maxDepth } from "./schema/json";

/**
 * Inputs of a program, refused where Pulumi would lose a part of them on the way: of a Date, a Map or a bigint it sends an
 * empty object, of a function nothing, and it drops half of a surrogate pair. So two different values would be one picture.
 * What is in an Output or a promise is refused once it is known. A text that has the word "undefined" for a picture that is
 * not there gets one by which it is refused at preview, and so does a list of reference images that is empty for want of one.
 *
 * @throws RunError that names the path
 */
export function carriedInputs<T extends object>(inputs: T): T {
  return carriedFields(inputs, []);
}

type Path = readonly PropertyKey[];

/** @param from the Output that the value was in, if any */
function carried<T>(value: T, path: Path, from?: pulumi.Output<unknown>): T;
function carried(value: unknown, path: Path, from?: pulumi.Output<unknown>): unknown {
  if (isLeftToPulumi(value)) return value;
  if (pulumi.Output.isInstance(value)) return value.apply((known: unknown) => carried(known, path, value));
  if (value instanceof Promise) return value.then((known: unknown) => carried(known, path, from));
  const reason = uncarriedReason(value);
  if (reason !== undefined) throw refused(path, reason);
  if (typeof value === "string" && from !== undefined) return withoutHole(value, from);
  if (typeof value !== "object" || value === null) return value;
  // One that holds itself would never end.
  if (path.length > maxDepth + 1) throw refused(path.slice(0, 1), `must not be nested deeper than ${maxDepth} levels`);
  if (!Array.isArray(value)) return carriedFields(value, path, from);
  if (value.length === 0 && from !== undefined && path.join() === "fileInfos") return withoutLostReferences(from);
  return carriedItems(value, path, from);
}

function carriedItems(list: unknown[], path: Path, from: pulumi.Output<unknown> | undefined): unknown[] {
  const items = list.map((item, index) => carried(item, [...path, index], from));
  return items.every((item, index) => item === list[index]) ? list : items;
}

/** The same object, unless a check had to be put into one of its values. */
function carriedFields<T extends object>(object: T, path: Path, from?: pulumi.Output<unknown>): T {
  const changed: Partial<T> = {};
  for (const key of Object.keys(object) as (keyof T & string)[]) {
    if (!isWhole(key)) throw refused(path, "has a name with half of a surrogate pair, which JSON cannot carry");
    const value = carried(object[key], [...path, key], from);
    if (value !== object[key]) changed[key] = value;
  }
  return Object.keys(changed).length === 0 ? object : { ...object, ...changed };
}

/** What Pulumi sends in a form of its own. */
function isLeftToPulumi(value: unknown): boolean {
  return (
    pulumi.Resource.isInstance(value) || pulumi.asset.Asset.isInstance(value) || pulumi.asset.Archive.isInstance(value)
  );
}

function refused(path: Path, reason: string): pulumi.RunError {
  return new pulumi.RunError(`${propertyPath(path)} ${reason}. Nothing was sent, and nothing is billed.`);
}
