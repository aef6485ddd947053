import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { EngineEvent } from "../../engine";
import { expectLedger, requests } from "../support/emulator";
import { blocksOf, read } from "./markdown";
import { deployable, project } from "./program";

/** The programs of a guide, in their order. */
function programsOf(guide: string): string[] {
  const blocks = blocksOf(read(`docs/guides/${guide}.md`)).filter(({ language }) => language === "ts");
  expect(blocks.length).toBeGreaterThan(0);
  return blocks.map(({ text }) => text);
}

test("pictures from a list: each is billed once; sorted and with other prices nothing is; another prompt bills one", async () => {
  const [text = ""] = programsOf("programs");
  const folder = project(text);
  const { emulator, stack } = await deployable(folder);
  await stack.up();
  expectLedger(emulator, { billed: 2, intended: 2 });

  const sorted = text.replace(/(\{ slug: "lamp".*\n)(.*\n)/, "$2$1");
  expect(sorted).not.toBe(text);
  writeFileSync(join(folder, "index.ts"), sorted.replace("120.00", "99.00"));
  await stack.up();
  expectLedger(emulator, { billed: 2, intended: 2 });

  writeFileSync(join(folder, "index.ts"), text.replace("an oak chair", "a steel chair"));
  await stack.up();
  expectLedger(emulator, { billed: 3, intended: 3 });
});

test("a picture made from another one waits for it", async () => {
  const { emulator, stack } = await deployable(project(programsOf("programs")[1] ?? ""));
  const { outputs } = await stack.up();
  const [, print] = emulator.ledger().tasks;
  expect(outputs["printUrl"]?.value).toBe(print?.files[0]?.url);
  expectLedger(emulator, { billed: 2, intended: 2 });
});

test("addresses are written to a file by `up`, and by no preview", async () => {
  const [text = ""] = programsOf("deploy-time-assets");
  const folder = project(text);
  const file = join(folder, "pictures.json");
  const { emulator, stack } = await deployable(folder);
  await stack.preview();
  expect(existsSync(file)).toBe(false);
  const { outputs } = await stack.up();
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(outputs["urls"]?.value);
  writeFileSync(file, "of the last update");
  await stack.preview();
  expect(readFileSync(file, "utf8")).toBe("of the last update");
  expectLedger(emulator, { billed: 2, intended: 2 });
});

test("what a script has paid for is taken over unbilled, before and after its FileId is taken out", async () => {
  const [text = ""] = programsOf("from-scripts");
  const folder = project(text);
  const { emulator, stack } = await deployable(folder);
  const fileId = emulator.addMedia({ subAppId: 1500000000, name: "made by a script" });
  const taken = text.replace("5145403700000000002", fileId);
  writeFileSync(join(folder, "index.ts"), taken);
  const lines: string[] = [];
  const onEvent = ({ diagnosticEvent: line }: EngineEvent) => lines.push(line?.message.trim() ?? "");
  await stack.preview({ onEvent });
  expect(lines).toContain("bills nothing");
  expect(requests(emulator)).toBe(0);
  const first = await stack.up();

  writeFileSync(join(folder, "index.ts"), taken.replace("two colours", "three colours"));
  await expect(stack.preview()).rejects.toThrow(/adoptFileIds/);

  writeFileSync(join(folder, "index.ts"), taken.replace(/.*adoptFileIds.*\n/, ""));
  const second = await stack.up();
  expect(second.outputs["logoUrl"]).toEqual(first.outputs["logoUrl"]);
  expectLedger(emulator, { billed: 0, intended: 0 });
});
