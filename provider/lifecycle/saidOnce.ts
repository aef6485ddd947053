import { nameIn } from "../resourceName";
import { TencentAigcError } from "../vod/errors";

/** What a resource is told whose cause was told in full at another one. */
export interface Repeated {
  /** Name of the resource that was told in full. */
  readonly first: string;
}

/**
 * What concerns all resources alike, such as a wrong key, is told in full at the first of them. Goes by the text itself:
 * what names a task, or may have been billed, is each resource's own.
 */
export class SaidOnce {
  /** The resources that were told, by text. */
  private readonly told = new Map<string, string[]>();

  /**
   * @param resource its URN or, in a refresh, its name
   * @returns where this was told in full; undefined where it is to be told now
   */
  repeated(text: string, resource = "another picture"): Repeated | undefined {
    const before = this.told.get(text) ?? [];
    const [first] = before;
    // The same resource a second time is another operation, whose log does not have the first.
    if (first === undefined || before.includes(resource)) {
      this.told.set(text, [resource]);
      return undefined;
    }
    before.push(resource);
    return { first: first.startsWith("urn:pulumi:") ? nameIn(first) : first };
  }

  /** Runs a verb. @throws what it throws, in short where it was told before */
  async in<T>(resource: string | undefined, verb: () => Promise<T>): Promise<T> {
    try {
      return await verb();
    } catch (error) {
      if (!TencentAigcError.isInstance(error) || error.billed !== "no" || error.taskId !== undefined) throw error;
      const repeated = this.repeated(error.message, resource);
      throw repeated === undefined ? error : sameAs(repeated, error);
    }
  }
}

/** Where a cause was told in full. */
export function sameAsText({ first }: Repeated): string {
  return `It failed for the same reason as ${first}; nothing is billed.`;
}

function sameAs(repeated: Repeated, { action, code, requestId }: TencentAigcError): TencentAigcError {
  return new TencentAigcError(sameAsText(repeated), {
    action,
    code,
    requestId,
    billed: "no",
    nextStep: "See the message at that resource.",
  });
}
