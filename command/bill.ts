import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { z } from "zod";
import { type BillFile, billFileSchema } from "../provider/bill/billFile";
import { markdownBill, plainBill } from "./billReport";
import { type Command, type Surroundings, UsageError } from "./command";

export const bill: Command = {
  help: `Usage: npx pulumi-tencent-aigc bill <file> [--markdown]

Shows the bill that a preview or an update has written to TENCENT_AIGC_BILL_FILE. Sends nothing.

  <file>      the bill; - reads it from standard input
  --markdown  as a comment for a pull request. Its first line is a hidden marker, by which a
              workflow finds its own comment to update it.
`,
  async run(args, surroundings) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { markdown: { type: "boolean", default: false } },
      allowPositionals: true,
    });
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) throw new UsageError("give one file, or - for standard input");
    const read = billIn(await contentOf(file, surroundings));
    surroundings.stdout.write(values.markdown ? markdownBill(read) : plainBill(read));
    return 0;
  },
};

async function contentOf(file: string, { stdin }: Surroundings): Promise<string> {
  if (file === "-") return text(stdin);
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    throw new Error(`${JSON.stringify(file)} cannot be read (${code}).`);
  }
}

const next = "Give the file that TENCENT_AIGC_BILL_FILE named in a preview or an update.";

/** @throws where the text is no bill of a version that is known */
function billIn(content: string): BillFile {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    throw new Error(`This is no bill: it is no JSON. ${next}`);
  }
  const { version } = z.looseObject({ version: z.unknown() }).safeParse(value).data ?? {};
  if (typeof version === "number" && version !== 1) {
    throw new Error(
      `This bill has version ${version}, and this package knows version 1. Use the package that wrote it.`,
    );
  }
  const read = billFileSchema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const where = issue?.path.join(".") || "the whole file";
  throw new Error(`This is no bill: ${where}: ${issue?.message ?? "is not as it must be"}. ${next}`);
}
