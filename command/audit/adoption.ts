import { z } from "zod";
import { UsageError } from "../command";

/** What takes over what is paid for, as an input of an AigcImageTask. */
export type Adoption =
  | { readonly adoptFileIds: readonly string[] }
  /** Works for 3 days from the task's start. */
  | { readonly adoptTaskId: string };

/** The line to be pasted among a picture's inputs. */
export function adoptionLine(adoption: Adoption): string {
  return "adoptTaskId" in adoption
    ? `adoptTaskId: ${JSON.stringify(adoption.adoptTaskId)},`
    : `adoptFileIds: [${adoption.adoptFileIds.map((fileId) => JSON.stringify(fileId)).join(", ")}],`;
}

/** What a destroy or a replacement has left on purpose. */
export interface Left {
  readonly taskIds: ReadonlySet<string>;
  readonly fileIds: ReadonlySet<string>;
}

const lineSchema = z.object({
  taskId: z.string().optional(),
  adoptTaskId: z.string().optional(),
  adoptFileIds: z.array(z.string()).optional(),
});

/**
 * The content of a file that TENCENT_AIGC_LEFT_FILE has named.
 * @throws UsageError where a line is not as this package writes it
 */
export function leftIn(content: string): Left {
  const lines = content.split("\n").filter((line) => line.trim() !== "");
  const pictures = lines.map((line, index) => {
    try {
      return lineSchema.parse(JSON.parse(line));
    } catch {
      // The text is not repeated: it may be anything.
      throw new UsageError(
        `line ${index + 1} of the file of --left is not one that TENCENT_AIGC_LEFT_FILE has written`,
      );
    }
  });
  return {
    taskIds: new Set(pictures.flatMap(({ taskId, adoptTaskId }) => [taskId ?? [], adoptTaskId ?? []].flat())),
    fileIds: new Set(pictures.flatMap(({ adoptFileIds = [] }) => adoptFileIds)),
  };
}
