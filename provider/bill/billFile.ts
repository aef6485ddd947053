import { z } from "zod";

const count = z.int().min(0);
const amount = z.string().regex(/^\d+\.\d{2,}$/);

/** Why a resource bills: it is new, takes the place of another, or goes on with what has not become a picture. */
const reasonSchema = z
  .enum(["create", "replace", "retry", "repeat"])
  .describe(
    "`create`: a new picture, or one whose replacement was asked for with `--replace` or `pulumi state taint`, which the engine does not tell apart. `replace`: another picture in place of the one in state. `retry`: the next attempt of one that failed for a passing cause. `repeat`: the same request again, whose outcome is not known; it is billed once at most.",
  );

const resourceSchema = z
  .object({
    urn: z.string().describe("URN of the resource."),
    name: z.string().describe("Name of the resource."),
    images: count.describe("Most images that it may bill."),
    modelName: z.string(),
    modelVersion: z.string(),
    resolution: z.string().optional().describe("`outputConfig.resolution`, where it is given."),
    currency: z.string().optional().describe("Of `amount`."),
    amount: amount
      .optional()
      .describe("What these images cost by `tencent-aigc:prices`; absent where no price is given."),
    attempt: z.int().min(1).optional().describe("Which attempt is sent, of a `retry` or a `repeat`."),
    reason: reasonSchema,
    ifChanged: z
      .array(z.string())
      .min(1)
      .optional()
      .describe("It bills only if one of these inputs changes, which is not known before the update."),
  })
  .describe("What one resource may bill. Resources that ask for the same picture share a line.");

const refusalSchema = z
  .object({
    urn: z.string().describe("URN of the resource."),
    name: z.string().describe("Name of the resource."),
    property: z.string().optional().describe("Path of the input, such as `outputConfig.expireTime`, where it is one."),
    reason: z.string().describe("What is wrong, and what to do. Holds no prompt and no key."),
  })
  .describe("Why a resource was refused: an input, a setting, or a limit of what an update may bill.");

const resultSchema = z
  .object({
    billed: count.describe("Images that tasks of this update have made."),
    reused: count.describe("Images that were found or taken over, not billed again."),
    running: count.describe("Images whose tasks have not ended; the next update tells them as billed."),
    failed: count.describe("Images whose tasks ended without a picture."),
    unknown: count.describe("Images whose request has no known outcome: they may have been billed."),
  })
  .describe("What it came to, in images; after an update only.");

/** What `TENCENT_AIGC_BILL_FILE` holds. Fields are only ever added while the version stays. */
export const billFileSchema = z
  .object({
    version: z.literal(1),
    images: count.describe(
      "Most images that the preview or update may bill, all resources together. With `refused`, what a preview would bill as far as it was looked at: what has a wrong input is not counted.",
    ),
    currency: z
      .string()
      .optional()
      .describe("Of `amount`. Absent where no price is given, or prices are in several currencies: see `amounts`."),
    amount: amount.optional().describe("What those of the images cost that have a price; exact."),
    amounts: z
      .array(z.object({ currency: z.string(), amount }))
      .min(2)
      .optional()
      .describe("The same in each currency, where prices are in several."),
    unpriced: count.optional().describe("Images without a price, which `amount` leaves out."),
    resources: z.array(resourceSchema),
    refused: z
      .array(refusalSchema)
      .min(1)
      .optional()
      .describe("What the provider has refused. A preview with it has failed, and bills nothing."),
    result: resultSchema.optional(),
  })
  .describe("The bill of a preview or an update, as pulumi-tencent-aigc writes it to TENCENT_AIGC_BILL_FILE.");

export type BillReason = z.infer<typeof reasonSchema>;
export type BillResource = Readonly<z.infer<typeof resourceSchema>>;
export type BillRefusal = Readonly<z.infer<typeof refusalSchema>>;
export type BillResult = Readonly<z.infer<typeof resultSchema>>;
export type BillFile = z.infer<typeof billFileSchema>;

/** The same for programs in any language, published as `pulumi-tencent-aigc/bill.schema.json`. */
export function billJsonSchema(): object {
  return z.toJSONSchema(billFileSchema, { io: "input" });
}
