import type { ModelRow } from "../../provider/schema/models.ts";
import { type Comments, type SdkText, type Stated, statedIn, valuesIn } from "./sdkText.mts";

/** What this package knows of the request. */
export interface Ours {
  readonly models: readonly ModelRow[];
  /** Fields of the request and of its parts, in the API's spelling. */
  readonly fields: { readonly [K in keyof SdkText]: readonly string[] };
  /** Values of the fields that have a closed set of them. */
  readonly values: { readonly [K in keyof SdkText]?: Readonly<Record<string, readonly string[]>> };
}

export interface Comparison {
  /** What the SDK says otherwise. */
  readonly differences: readonly string[];
  /** What the SDK is silent about, and another source says. */
  readonly notes: readonly string[];
}

/** Compares the table of models, and the fields and values of the request, with what an SDK says of them. */
export function compare(ours: Ours, sdk: SdkText): Comparison {
  const stated = statedIn(sdk);
  const unread = unreadable(stated);
  // Of what cannot be read, every difference would be one of the reading.
  if (unread.length > 0) return { differences: unread, notes: [] };
  return {
    differences: [
      ...newModels(ours.models, stated),
      ...droppedModels(ours.models, stated)
        .filter(({ page }) => !page)
        .map(({ text }) => text),
      ...limits(ours.models, stated),
      ...scenes(ours.models, stated),
      ...ownParameters(ours.models, stated),
      ...fields(ours, sdk),
      ...values(ours, sdk),
    ],
    notes: droppedModels(ours.models, stated)
      .filter(({ page }) => page)
      .map(({ text }) => text),
  };
}

function unreadable(stated: Stated): string[] {
  const isEmpty = ([, { size, length }]: [string, { size?: number; length?: number }]) => (size ?? length) === 0;
  return Object.entries(stated)
    .filter(isEmpty)
    .map(([what]) => `${what}: nothing could be read of the SDK's text, which may have another form now`);
}

function newModels(models: readonly ModelRow[], { names, versions }: Stated): string[] {
  const known = new Set(models.map(keyOf));
  const knownNames = new Set(models.map(({ name }) => name));
  return [
    ...names.filter((name) => !knownNames.has(name)).map((name) => `${name}: a new model name`),
    ...[...versions].flatMap(([name, all]) =>
      all.flatMap((version) => (known.has(`${name} ${version}`) ? [] : `${name} ${version}: a new version`)),
    ),
  ];
}

function droppedModels(models: readonly ModelRow[], { versions }: Stated) {
  return models
    .filter(({ name, version }) => !versions.get(name)?.includes(version))
    .map((row) => ({
      page: row.source === "page",
      text: `${keyOf(row)}: not in the SDK's list of versions; the row is from ${row.source}`,
    }));
}

/** What is stated of a row: of its version, or of all versions of its name. */
function of<T>(stated: ReadonlyMap<string, T>, row: ModelRow): T | undefined {
  return stated.get(keyOf(row)) ?? stated.get(row.name);
}

function limits(models: readonly ModelRow[], stated: Stated): string[] {
  return models.flatMap((row) => {
    // Reference images are the page's, which states those of more models.
    const images = of(stated.referenceImages, row) ?? row.maxReferenceImages;
    return [
      ...differing(row, "reference images", row.maxReferenceImages, images),
      ...differing(row, "resolutions", row.resolutions, of(stated.resolutions, row)),
      ...differing(row, "aspect ratios", row.aspectRatios, of(stated.aspectRatios, row)),
      ...differing(row, "images a task", row.maxOutputImages, of(stated.outputImages, row) ?? 1),
    ];
  });
}

type Value = number | readonly string[] | undefined;

function differing(row: ModelRow, what: string, ours: Value, theirs: Value): string[] {
  return textOf(ours) === textOf(theirs)
    ? []
    : [`${keyOf(row)}: ${what} are ${textOf(theirs)} in the SDK, and ${textOf(ours)} in the table`];
}

function textOf(value: Value): string {
  if (value === undefined) return "not stated";
  if (typeof value === "number") return String(value);
  return value.length > 0 ? value.toSorted().join(" ") : "none";
}

function scenes(models: readonly ModelRow[], { sceneTypes }: Stated): string[] {
  const names = new Set([...models.map(({ name }) => name), ...sceneTypes.keys()]);
  return [...names].flatMap((name) => {
    const ours = new Set(models.filter((row) => row.name === name).flatMap((row) => row.sceneTypes));
    const [known, stated] = [textOf([...ours]), textOf(sceneTypes.get(name) ?? [])];
    return known === stated ? [] : [`${name}: scene types are ${stated} in the SDK, and ${known} in the table`];
  });
}

/** Each bound of a row has to be among the numbers that the SDK names for its model. */
function ownParameters(models: readonly ModelRow[], { extInfo }: Stated): string[] {
  const unknown = [...extInfo.keys()].filter(
    (key) => !models.some((row) => isOf(row, key) && boundsOf(row).length > 0),
  );
  return [
    ...unknown.map((key) => `${key}: ExtInfo tells of it, and the table has no rule`),
    ...models.flatMap((row) => {
      const numbers = of(extInfo, row);
      const missing = numbers ? boundsOf(row).filter((bound) => !numbers.has(bound)) : [];
      return missing.map((bound) => `${keyOf(row)}: ExtInfo does not name ${bound}, which the table has as a bound`);
    }),
  ];
}

function isOf(row: ModelRow, key: string): boolean {
  return keyOf(row) === key || row.name === key;
}

function boundsOf({ additionalParameters: { size, expansion } = {} }: ModelRow): number[] {
  const all = [
    ...(size ? [...(size.side ?? []), ...size.area, size.areaMultiple ?? 0] : []),
    ...(expansion ? [...expansion.ratio, expansion.area] : []),
  ];
  // Nothing states that a number is at least 0.
  return all.filter((bound) => bound > 0);
}

const parts = ["request", "outputConfig", "fileInfo"] as const;
const titles = { request: "CreateAigcImageTask", outputConfig: "OutputConfig", fileInfo: "FileInfos" } as const;

function fields(ours: Ours, sdk: SdkText): string[] {
  return parts.flatMap((part) => {
    const [known, theirs] = [new Set(ours.fields[part]), new Set(sdk[part].keys())];
    return [
      ...[...theirs].filter((field) => !known.has(field)).map((field) => `${titles[part]}.${field}: a new field`),
      ...[...known].filter((field) => !theirs.has(field)).map((field) => `${titles[part]}.${field}: not in the SDK`),
    ];
  });
}

function values(ours: Ours, sdk: SdkText): string[] {
  return parts.flatMap((part) => {
    const comments: Comments = sdk[part];
    return Object.entries(ours.values[part] ?? {}).flatMap(([field, known]) => {
      const [mine, theirs] = [textOf(known), textOf(valuesIn(comments.get(field)))];
      return mine === theirs ? [] : [`${titles[part]}.${field}: values are ${theirs} in the SDK, and ${mine} here`];
    });
  });
}

function keyOf({ name, version }: { readonly name: string; readonly version: string }): string {
  return `${name} ${version}`;
}
