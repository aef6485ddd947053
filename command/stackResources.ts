import { z } from "zod";
import { nameIn } from "../provider/resourceName";
import { signatureKey } from "../provider/schema/signatures";
import { dynamicType, pluginType } from "../provider/typeTokens";
import { UsageError } from "./command";

/** The types of an AigcImageTask in a stack's state. */
const types: readonly string[] = [dynamicType, pluginType];

const exportSchema = z.object({
  deployment: z.object({
    resources: z
      .array(
        z.object({
          urn: z.string(),
          type: z.string(),
          id: z.string().optional(),
          delete: z.boolean().optional(),
          outputs: z.record(z.string(), z.unknown()).optional(),
        }),
      )
      .optional(),
  }),
});

/** An AigcImageTask of an exported stack. */
export interface PictureResource {
  readonly urn: string;
  /** Its name in the program. */
  readonly name: string;
  /** Its Pulumi id, which no secret hides. */
  readonly id?: string | undefined;
  /** As exported: a secret is a secret, see `opened`. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

/**
 * The pictures that an exported stack holds. What is only to be deleted by the next update is not held.
 * @throws UsageError where it is no exported stack
 */
export function pictureResources(stack: unknown): PictureResource[] {
  const parsed = exportSchema.safeParse(stack);
  if (!parsed.success) throw new UsageError("the input is not an exported stack (pulumi stack export > stack.json)");
  return (parsed.data.deployment.resources ?? [])
    .filter(({ type, delete: isOld }) => types.includes(type) && !isOld)
    .map(({ urn, id, outputs = {} }) => ({ urn, name: nameIn(urn), id, outputs }));
}

/** Whether a value of an export is a secret, encrypted or not. */
export function isSecret(value: unknown): boolean {
  return typeof value === "object" && value !== null && signatureKey in value;
}

/** The value of a secret that was exported in plain text; anything else as it is. */
export function opened(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !(signatureKey in value) || !("plaintext" in value)) return value;
  try {
    return JSON.parse(String(value.plaintext));
  } catch {
    // Not as Pulumi writes it: it stays a secret that cannot be read.
    return value;
  }
}
