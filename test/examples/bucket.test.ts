import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { scenarioEngines } from "../scenarios/world";
import { expectLedger } from "../support/emulator";
import { openExample } from "./example";

describe.each(scenarioEngines)("on %s", (engine) => {
  test("the picture is in the bucket, is left alone while it is the same, and follows it when it is another one", async () => {
    const { emulator, workDir, stack, edit } = await openExample(engine, "bucket");
    const dev = await stack();
    /** What the bucket holds, and whether it is the picture that was made last. */
    const up = async () => {
      const { outputs, summary } = await dev.up();
      const content = readFileSync(join(workDir, "buckets", "shop-pictures", "hero.png"));
      expect(createHash("md5").update(content).digest("hex")).toBe(outputs["etag"]?.value);
      const picture = await fetch(emulator.ledger().tasks.at(-1)?.files[0]?.url as string);
      expect(content.equals(Buffer.from(await picture.arrayBuffer()))).toBe(true);
      return { etag: outputs["etag"]?.value, changes: summary.resourceChanges };
    };
    const first = await up();
    expect(await up()).toEqual({ etag: first.etag, changes: { same: 3 } });
    expectLedger(emulator, { billed: 1, intended: 1 });

    edit("index.ts", (text) => text.replace("in a storm", "at dawn"));
    const other = await up();
    expect(other.changes).toEqual({ same: 1, replace: 1, update: 1 });
    expect(other.etag).not.toBe(first.etag);
    expectLedger(emulator, { billed: 2, intended: 2 });
  });
});
