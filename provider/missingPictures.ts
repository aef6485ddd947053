import * as pulumi from "@pulumi/pulumi";
import { nameIn } from "./resourceName";
import { missingPictureUrl } from "./schema/missingPicture";
import { dynamicType } from "./typeTokens";

/** What a program makes from a picture that is not there, such as the text "like undefined". */

/** A task that an input may be made from, as far as it matters here. */
interface Picture extends pulumi.Resource {
  readonly urn: pulumi.Output<string>;
  readonly files: pulumi.Output<readonly unknown[] | undefined>;
}

/** Whether a value is a task, also one of another copy of this package. */
export function isPicture(value: unknown): value is Picture {
  return pulumi.CustomResource.isInstance(value) && (value as { __pulumiType?: unknown }).__pulumiType === dynamicType;
}

/** What JavaScript puts into a text where there is no value. */
const hole = /undefined/;

/**
 * A text with a hole in it that was made from a picture that is not there, with an address in place of the hole by which
 * `check` refuses it: the service would be sent, and would bill, the word "undefined".
 *
 * @param from what the text is known from
 */
export function withoutHole(text: string, from: pulumi.Output<unknown>): string | Promise<pulumi.Output<string>> {
  return hole.test(text) ? filled(text, from) : text;
}

async function filled(text: string, from: pulumi.Output<unknown>): Promise<pulumi.Output<string>> {
  return (await missingAmong(from)).apply((url) => (url === undefined ? text : text.replace(hole, url)));
}

/**
 * A list of reference images that is empty because the picture is not there that it was made from, with an address in it
 * by which `check` refuses it: the service would make, and bill, another picture than the one that is meant.
 *
 * @param from what the list is known from
 */
export async function withoutLostReferences(from: pulumi.Output<unknown>): Promise<pulumi.Output<{ url: string }[]>> {
  return (await missingAmong(from)).apply((url) => (url === undefined ? [] : [{ url }]));
}

/** The address that is used for a picture which is not there, if one of those is that something is known from. */
async function missingAmong(from: pulumi.Output<unknown>): Promise<pulumi.Output<string | undefined>> {
  const pictures = (await resourcesOf(from)).filter(isPicture);
  return pulumi.all(pictures.map(({ urn, files }) => pulumi.all([urn, files]))).apply((known) => {
    const missing = known.find(([, files]) => files === undefined || files.length === 0);
    if (missing === undefined) return undefined;
    const [urn, files] = missing;
    return missingPictureUrl(nameIn(urn), files === undefined ? "pending" : "failed");
  });
}

/** The SDK leaves it out of its types. Versions before 2.0 know only what is there at once. */
interface Tracked {
  readonly apply: unknown;
  readonly resources?: () => Iterable<pulumi.Resource>;
  readonly allResources?: () => Promise<Iterable<pulumi.Resource>>;
}

async function resourcesOf(output: Tracked): Promise<pulumi.Resource[]> {
  return [...((await output.allResources?.()) ?? output.resources?.() ?? [])];
}
