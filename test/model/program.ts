import type { InProcessProgram } from "../../engine/inProcess";
import { makeGoal } from "../../engine/resourceState";
import { assetSignature, type PropertyMap, signatureKey } from "../../engine/values";
import { providerText } from "../../provider/dynamic/providerText";
import { inputsSchema } from "../../provider/schema/inputs";
import type { UpKind } from "./cases";
import type { Setting } from "./commands";

export const subAppId = 251007502;
const taskType = "pulumi-nodejs:dynamic/tencent-aigc:AigcImageTask";
export const projectName = "scenario";

export type StackNumber = 0 | 1;
export const stackNames = ["dev", "prod"] as const;

/** A resource as the program declares it now. */
export interface Declared {
  readonly stack: StackNumber;
  /** What the picture shows; the same for those that are one intention. Tells its tasks from others in the ledger. */
  readonly label: string;
  /** All names it ever had, the present one last. */
  readonly names: string[];
  sessionScope: string | undefined;
  sessionId: string | undefined;
  prompt: number;
  keepers: number;
  /** Where the file lies that is an asset among the keepers: its place is no part of what is meant. */
  keeperPath: number | undefined;
  /** A keeper that JSON cannot carry. */
  oddKeeper: boolean;
  /** Last digit of a number in ExtInfo that a float cannot hold. */
  digit: number | undefined;
  images: number;
  storageMode: "Permanent" | "Temporary";
  /** Free inputs. */
  classId: number;
  mediaName: string | undefined;
  expireTime: string | undefined;
  wait: boolean;
  /** An update goes on without it where it failed for good. */
  keep: boolean;
  adopts: { readonly adoptTaskId: string } | { readonly adoptFileIds: readonly string[] } | undefined;
}

/** The program is changed, and not deployed yet. */
export const editKinds = [
  "editBilled",
  "editKeepers",
  "editStorage",
  "editImages",
  "editSessionId",
  "editScope",
  "editMediaName",
  "editClass",
  "editWait",
  "editOnFailure",
  "editKeeperPath",
  "editOddKeeper",
  "editDigit",
] as const;
export type Edit = (typeof editKinds)[number];

/** SessionIds and scopes that a user may choose. */
export const ownSessionIds = ["own-secret-a", "own-secret-b"];
const scopes = [undefined, "shared", "elsewhere"];

const following = <T>(values: readonly T[], value: T): T => values[(values.indexOf(value) + 1) % values.length] as T;

// Values come again after some changes, so that what was there before is returned to.
const edits: { readonly [what in UpKind | Edit]?: (resource: Declared) => void } = {
  upBilled: (resource) => edits.editBilled?.(resource),
  editBilled: (resource) => {
    resource.prompt = (resource.prompt + 1) % 4;
  },
  upKeepers: (resource) => edits.editKeepers?.(resource),
  editKeepers: (resource) => {
    resource.keepers += 1;
  },
  editStorage: (resource) => {
    resource.storageMode = resource.storageMode === "Permanent" ? "Temporary" : "Permanent";
  },
  editImages: (resource) => {
    resource.images = (resource.images % 3) + 1;
  },
  editSessionId: (resource) => {
    resource.sessionId = following([undefined, ...ownSessionIds], resource.sessionId);
  },
  editScope: (resource) => {
    resource.sessionScope = following(scopes, resource.sessionScope);
  },
  editMediaName: (resource) => {
    resource.mediaName = following([undefined, "poster", "banner"], resource.mediaName);
  },
  upFree: (resource) => edits.editClass?.(resource),
  editClass: (resource) => {
    resource.classId = (resource.classId + 1) % 5;
  },
  editWait: (resource) => {
    resource.wait = !resource.wait;
  },
  editOnFailure: (resource) => {
    resource.keep = !resource.keep;
  },
  editKeeperPath: (resource) => {
    resource.keeperPath = ((resource.keeperPath ?? 0) + 1) % 3;
  },
  editOddKeeper: (resource) => {
    resource.oddKeeper = !resource.oddKeeper;
  },
  editDigit: (resource) => {
    resource.digit = ((resource.digit ?? 0) + 1) % 3;
  },
};

/** What is a part of the intention is changed for all that are one intention. */
const meant = new Set<string>([
  "upBilled",
  "editBilled",
  "upKeepers",
  "editKeepers",
  "editStorage",
  "editImages",
  "editDigit",
  "editOddKeeper",
]);

const layouts: Readonly<
  Record<Setting["resources"], readonly { name: string; label?: string; stack?: StackNumber }[]>
> = {
  one: [{ name: "hero" }],
  two: [{ name: "hero" }, { name: "side" }],
  four: [{ name: "hero" }, { name: "side" }, { name: "top" }, { name: "end" }],
  twins: [{ name: "hero" }, { name: "side", label: "hero" }],
  pair: [{ name: "hero" }, { name: "hero", stack: 1 }],
};

export class Program {
  readonly resources: readonly Declared[];
  /** Seconds that each resource waits for its picture: a control input, whose change changes nothing. */
  timeoutSeconds = 600;

  constructor({ resources, storage, images = 1 }: Setting) {
    const shared = resources === "twins" || resources === "pair";
    this.resources = layouts[resources].map(({ name, label = name, stack = 0 }) => ({
      stack,
      label,
      names: [name],
      sessionScope: shared ? "shared" : undefined,
      sessionId: undefined,
      prompt: 0,
      keepers: 0,
      keeperPath: undefined,
      oddKeeper: false,
      digit: undefined,
      images,
      storageMode: storage,
      classId: 0,
      mediaName: undefined,
      expireTime: undefined,
      wait: true,
      keep: false,
      adopts: undefined,
    }));
  }

  get stacks(): readonly StackNumber[] {
    return this.resources.some(({ stack }) => stack === 1) ? [0, 1] : [0];
  }

  of(stack: StackNumber): readonly Declared[] {
    return this.resources.filter((resource) => resource.stack === stack);
  }

  chosen(who = 0): Declared {
    return this.resources[who % this.resources.length] as Declared;
  }

  change(what: UpKind | Edit, who: number): void {
    const chosen = this.chosen(who);
    const changed = meant.has(what) ? this.resources.filter(({ label }) => label === chosen.label) : [chosen];
    for (const resource of changed) edits[what]?.(resource);
    if (what === "rename") chosen.names.push(`${chosen.names[0]}-${chosen.names.length}`);
  }

  /** Without what may be refused, or keeps a resource from coming to an end. */
  plain(): void {
    for (const resource of this.resources) {
      Object.assign(resource, { sessionId: undefined, adopts: undefined, oddKeeper: false, expireTime: undefined });
      resource.wait = true;
    }
  }

  /** The program of a stack, for an engine in this process. */
  run(stack: StackNumber): InProcessProgram {
    return async (port, root) => {
      await Promise.all(
        this.of(stack).map((resource) =>
          port.register(
            makeGoal({
              type: taskType,
              name: resource.names.at(-1) as string,
              parent: root,
              aliases: resource.names.slice(0, -1).map((name) => ({ urn: urnOf(stack, name) })),
              properties: {
                ...this.args(resource),
                resourceUrn: urnNow(resource),
                ...hidden(resource),
                __provider: providerText,
              },
            }),
          ),
        ),
      );
    };
  }

  /** The same program as data, for processes that read it from a file. */
  declared(stack: StackNumber): { name: string; args: PropertyMap; options: object }[] {
    return this.of(stack).map((resource) => ({
      name: resource.names.at(-1) as string,
      args: this.args(resource),
      options: { aliases: resource.names.slice(0, -1).map((name) => ({ name })) },
    }));
  }

  private args(resource: Declared): PropertyMap {
    const { sessionScope, sessionId, prompt, keepers, keeperPath, oddKeeper, digit, images, wait, keep, adopts } =
      resource;
    const { storageMode, classId, mediaName, expireTime, label } = resource;
    const given = {
      sessionScope,
      sessionId,
      ...adopts,
      ...(wait ? {} : { waitForCompletion: false }),
      ...(keep ? { onFailure: "keep" } : {}),
      ...(digit === undefined ? {} : { extInfo: extInfoOf(digit) }),
      outputConfig: withoutAbsent({
        storageMode,
        classId,
        mediaName,
        expireTime,
        ...(images === 1 ? {} : { outputImageCount: images }),
      }),
      keepers: {
        roll: keepers,
        ...(keeperPath === undefined ? {} : { logo: fileAt(keeperPath) }),
        ...(oddKeeper ? { odd: Number.NaN } : {}),
      },
    };
    return {
      subAppId,
      modelName: "OG",
      modelVersion: "image2_low",
      prompt: promptOf(label, prompt),
      timeoutSeconds: this.timeoutSeconds,
      ...withoutAbsent(given),
    };
  }
}

export function urnOf(stack: StackNumber, name: string): string {
  return `urn:pulumi:${stackNames[stack]}::${projectName}::${taskType}::${name}`;
}

/** Under all names that it ever had, the present one last. */
export function urnsOf({ stack, names }: Declared): string[] {
  return names.map((name) => urnOf(stack, name));
}

export function urnNow({ stack, names }: Declared): string {
  return urnOf(stack, names.at(-1) as string);
}

/** What a resource means to have, as text: equal for equal requests and keepers. */
export function askedBy({
  label,
  prompt,
  keepers,
  keeperPath,
  oddKeeper,
  digit,
  images,
  storageMode,
}: Declared): string {
  return JSON.stringify([
    promptOf(label, prompt),
    storageMode,
    images,
    digit ?? "",
    keepers,
    keeperPath !== undefined,
    oddKeeper,
  ]);
}

/** The same of the inputs in state. */
export function askedIn(inputs: PropertyMap): string {
  const { prompt, keepers, outputConfig, extInfo } = inputs as unknown as StateInputs;
  const digit = extInfo === undefined ? "" : Number(/(\d)\D*$/.exec(extInfo)?.[1]);
  const odd = Object.hasOwn(keepers, "odd");
  return JSON.stringify([
    prompt,
    outputConfig.storageMode,
    outputConfig.outputImageCount ?? 1,
    digit,
    keepers.roll,
    "logo" in keepers,
    odd,
  ]);
}

interface StateInputs {
  readonly prompt: string;
  readonly keepers: { readonly roll: number };
  readonly outputConfig: { readonly storageMode: string; readonly outputImageCount?: number };
  readonly extInfo?: string;
}

function promptOf(label: string, number: number): string {
  return `${label}, a lighthouse, number ${number}`;
}

/** A number beyond 2^53, of which only the last digit differs. */
function extInfoOf(digit: number): string {
  return `{"note":9007199254740993${digit}}`;
}

/** An asset as the engine hands it over: what the file holds does not change, only where it lies. */
function fileAt(place: number): PropertyMap {
  return { [signatureKey]: assetSignature, hash: "5".repeat(64), path: `/place-${place}/logo.txt` };
}

function withoutAbsent(values: object): PropertyMap {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as PropertyMap;
}

/** Whether the provider is told the names that aliases give, so that it can look under them too. */
const takesFormerUrns = Object.hasOwn(inputsSchema.shape, "formerUrns");

/** Hidden inputs that the resource's class adds for a resource that had other names before. */
function hidden(resource: Declared): PropertyMap {
  const formerUrns = urnsOf(resource).slice(0, -1);
  return takesFormerUrns && formerUrns.length > 0 ? { formerUrns } : {};
}
