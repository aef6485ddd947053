import type { InProcessProgram } from "../../engine/inProcess";
import { makeGoal } from "../../engine/resourceState";
import type { PropertyMap } from "../../engine/values";
import { providerText } from "../../provider/dynamic/providerText";
import type { UpKind } from "./cases";
import type { Setting } from "./commands";

export const subAppId = 251007502;
const taskType = "pulumi-nodejs:dynamic/tencent-aigc:AigcImageTask";
export const projectName = "scenario";
const stackUrn = `urn:pulumi:dev::${projectName}::`;

/** A resource as the program declares it now. */
export interface Declared {
  /** Told from others in the ledger by its model's version. */
  readonly modelVersion: string;
  readonly sessionScope: string | undefined;
  /** All names it ever had, the present one last. */
  readonly names: string[];
  prompt: number;
  keepers: number;
  /** A free input. */
  classId: number;
  storageMode: "Permanent" | "Temporary";
}

/** The program is changed, and not deployed yet. */
export type Edit = "editBilled" | "editKeepers" | "editStorage";

const prompts = 4;
const classes = 5;

// A prompt and a class come again after some changes, so that what was there before is returned to.
const nextPrompt = (resource: Declared) => {
  resource.prompt = (resource.prompt + 1) % prompts;
};
const nextKeepers = (resource: Declared) => {
  resource.keepers += 1;
};
const edits: { [what in UpKind | Edit]?: (resource: Declared) => void } = {
  upBilled: nextPrompt,
  editBilled: nextPrompt,
  upKeepers: nextKeepers,
  editKeepers: nextKeepers,
  upFree: (resource) => {
    resource.classId = (resource.classId + 1) % classes;
  },
  editStorage: (resource) => {
    resource.storageMode = resource.storageMode === "Permanent" ? "Temporary" : "Permanent";
  },
};

export class Program {
  readonly resources: Declared[];
  /** Seconds that each resource waits for its picture: a control input, whose change changes nothing. */
  timeoutSeconds = 600;

  constructor({ resources, storage }: Setting) {
    const versions = { one: ["2.5"], two: ["2.5", "3.0"], twins: ["2.5", "2.5"] }[resources];
    this.resources = versions.map((modelVersion, index) => ({
      modelVersion,
      sessionScope: resources === "twins" ? "shared" : undefined,
      names: [index === 0 ? "hero" : "side"],
      prompt: 0,
      keepers: 0,
      classId: 0,
      storageMode: storage,
    }));
  }

  chosen(who: number): Declared {
    return this.resources[who % this.resources.length] as Declared;
  }

  /** Changes a resource; its twin is the same intention, and so is changed with it. */
  change(what: UpKind | Edit, who: number): void {
    const chosen = this.chosen(who);
    for (const resource of chosen.sessionScope === undefined ? [chosen] : this.resources) edits[what]?.(resource);
    if (what === "rename") chosen.names.push(`${chosen.names[0]}-${chosen.names.length}`);
  }

  run: InProcessProgram = async (port, root) => {
    await Promise.all(
      this.resources.map((resource) =>
        port.register(
          makeGoal({
            type: taskType,
            name: resource.names.at(-1) as string,
            parent: root,
            aliases: resource.names.slice(0, -1).map((name) => ({ urn: urnOf(name) })),
            properties: this.properties(resource),
          }),
        ),
      ),
    );
  };

  /** The same program as data, for processes that read it from a file. */
  declared(): { name: string; args: PropertyMap; options: object }[] {
    return this.resources.map((resource) => ({
      name: resource.names.at(-1) as string,
      args: this.args(resource),
      options: { aliases: resource.names.slice(0, -1).map((name) => ({ name })) },
    }));
  }

  private properties(resource: Declared): PropertyMap {
    return {
      ...this.args(resource),
      resourceUrn: urnOf(resource.names.at(-1) as string),
      __provider: providerText,
    };
  }

  private args({ modelVersion, sessionScope, prompt, keepers, classId, storageMode }: Declared): PropertyMap {
    return {
      subAppId,
      modelName: "GG",
      modelVersion,
      prompt: `a lighthouse, number ${prompt}`,
      keepers: { roll: keepers },
      outputConfig: { storageMode, classId },
      timeoutSeconds: this.timeoutSeconds,
      ...(sessionScope === undefined ? {} : { sessionScope }),
    };
  }
}

export function urnOf(name: string): string {
  return `${stackUrn}${taskType}::${name}`;
}

/** What a resource asks to be billed, as text: equal for equal requests and keepers. */
export function askedBy(resource: Declared): string {
  const { modelVersion, prompt, keepers, storageMode } = resource;
  return `${modelVersion} ${prompt} ${keepers} ${storageMode}`;
}

/** The same of the inputs in state. */
export function askedIn(inputs: PropertyMap): string {
  const { modelVersion, prompt, keepers, outputConfig } = inputs as unknown as StateInputs;
  return `${modelVersion} ${prompt.split(" ").at(-1)} ${keepers.roll} ${outputConfig.storageMode}`;
}

interface StateInputs {
  readonly modelVersion: string;
  readonly prompt: string;
  readonly keepers: { readonly roll: number };
  readonly outputConfig: { readonly storageMode: string };
}
