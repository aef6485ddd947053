import { createInterface } from "node:readline/promises";
import type { Surroundings } from "../../command";

/** What has to be typed. */
export const amount = "1 image";

/**
 * Whether the amount was typed, at a terminal. No option and no pipe stands in for it: what bills in a loop in a CI must
 * be a deployment with its guards, not this.
 */
export async function confirmed({ stdin, stdout }: Surroundings): Promise<boolean> {
  if (!("isTTY" in stdin && stdin.isTTY === true)) {
    stdout.write("Nothing was sent: the amount has to be typed at a terminal.\n");
    return false;
  }
  const lines = createInterface({ input: stdin, terminal: false });
  try {
    stdout.write(`Type "${amount}" to go on: `);
    for await (const line of lines) {
      const isTyped = line.trim() === amount;
      if (!isTyped) stdout.write("\nNothing was sent.\n");
      return isTyped;
    }
    stdout.write("\nNothing was sent.\n");
    return false;
  } finally {
    lines.close();
  }
}
