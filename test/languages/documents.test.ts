import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { find, pulumi, sdkWriter, yamlHost } from "../../scripts/cli/tools.mts";
import { sayMissing } from "../cli/sayMissing";
import { blocksOf, documents, read } from "../docs/markdown";
import { deployable, project } from "../docs/program";
import { run, temporaryFolder, write } from "../package/workshop";
import { expectBilled } from "../scenarios/world";
import { installNodeSdk, projectWithSdk, tsc } from "./sdks";
import { changesIn, initStack, linkPackage, openShop, type Shop } from "./shop";

const canWrite = "folder" in find(sdkWriter);
sayMissing(sdkWriter);
const hasYaml = "folder" in find(pulumi) && "folder" in find(yamlHost);
sayMissing(hasYaml ? yamlHost : pulumi);

const folder = temporaryFolder();
const sdkName = "pulumi-tencent-aigc-sdk";

const blocks = documents.flatMap((name) => blocksOf(read(name)).map((block) => ({ ...block, name })));
const sdkPrograms = blocks.filter(({ language, text }) => language === "ts" && text.includes(sdkName));

function blockOf(document: string, language: string): string {
  const [block, ...others] = blocks.filter((one) => one.name === document && one.language === language);
  expect(others).toEqual([]);
  return block?.text ?? "";
}

/** A shop whose program is the YAML of a document. */
async function shopOf(document: string, change = (text: string) => text): Promise<Shop> {
  const shop = await openShop();
  linkPackage(shop);
  declare(shop, change(blockOf(document, "yaml")));
  await initStack(shop);
  return shop;
}

function declare({ folder: where }: Shop, program: string): void {
  writeFileSync(join(where, "Pulumi.yaml"), program);
}

const aTaskId = /\d+-AigcImageTask-[0-9a-f]{32}t/;

test("the program of functions deploys, and bills nothing", async () => {
  const { emulator, stack } = await deployable(project(blockOf("docs/languages.md", "ts")));
  const { outputs } = await stack.up();
  expect(outputs["imagesOfTheWeek"]?.value).toBe(0);
  expect(outputs["underWay"]?.value).toBe(0);
  expectBilled(emulator, 0);
});

if (canWrite) {
  beforeAll(() => installNodeSdk(folder));

  test("every program of the plugin's SDK compiles as it is", async () => {
    expect(sdkPrograms.length).toBeGreaterThanOrEqual(3);
    write(folder, {
      "tsconfig.json": {
        compilerOptions: { strict: true, module: "nodenext", noEmit: true, skipLibCheck: true, types: ["node"] },
        include: ["*.ts"],
      },
      ...Object.fromEntries(sdkPrograms.map(({ text }, index) => [`program${index}.ts`, text])),
    });
    const { stdout, stderr } = await run(process.execPath, [tsc, "-p", "."], folder);
    expect(stdout + stderr).toBe("");
  });

  test("a program goes over to the plugin, and back to the class, with nothing billed", async () => {
    const programs = blocks.filter(({ name, language }) => name === "docs/migration.md" && language === "ts");
    const [there, back] = programs.map(({ text }) => text);
    const shop = projectWithSdk(folder, (there ?? "").replace(sdkName, "pulumi-tencent-aigc"));
    const { emulator, stack } = await deployable(shop);
    const { outputs } = await stack.up();
    for (const [program, type] of [
      [there, "tencent-aigc:index:AigcImageTask"],
      [back, "pulumi-nodejs:dynamic/tencent-aigc:AigcImageTask"],
    ] as const) {
      writeFileSync(join(shop, "index.ts"), program ?? "");
      const { stdout } = await stack.preview();
      expect(stdout).toContain("bills nothing");
      const up = await stack.up();
      expect(up.summary.resourceChanges).toEqual({ same: 1, update: 1 });
      expect(up.outputs["url"]?.value).toBe(outputs["url"]?.value);
      expect((await stack.up()).summary.resourceChanges).toEqual({ same: 2 });
      const { resources = [] } = (await stack.exportStack()).deployment;
      expect(resources.filter((resource) => resource.type === type)).toHaveLength(1);
    }
    expectBilled(emulator, 1);
  });
}

if (hasYaml) {
  describe("a YAML program of a document, on the CLI", () => {
    test("languages.md: bills its picture once", async () => {
      const shop = await shopOf("docs/languages.md");
      expect(changesIn(await shop.pulumi("up", "--yes"))).toEqual({ created: 2 });
      expect(changesIn(await shop.pulumi("up", "--yes"))).toEqual({ unchanged: 2 });
      expectBilled(shop.emulator, 1);
    });

    test("import.md: takes over what exists, by the option and by the commands, unbilled", async () => {
      const withoutOption = (text: string) => text.replace(/ {4}options:\n {6}import: .*\n/, "");
      const shop = await shopOf("docs/import.md", withoutOption);
      await shop.pulumi("up", "--yes", "--skip-preview");
      const [task] = shop.emulator.ledger().tasks;
      const { taskId = "", files: [file] = [] } = task ?? {};
      const urnOf = (name: string) => `urn:pulumi:dev::pictures::tencent-aigc:index:AigcImageTask::${name}`;
      const forget = (name: string) => shop.pulumi("state", "delete", "--yes", urnOf(name));

      await forget("hero");
      const program = blockOf("docs/import.md", "yaml");
      declare(shop, program.replace(aTaskId, taskId));
      await shop.pulumi("up", "--yes");
      // The option may stay.
      expect(changesIn(await shop.pulumi("up", "--yes"))).toEqual({ unchanged: 2 });
      declare(shop, withoutOption(program));
      expect(changesIn(await shop.pulumi("up", "--yes"))).toEqual({ unchanged: 2 });

      await forget("hero");
      const commands = blockOf("docs/import.md", "sh").trim().split("\n");
      expect(commands).toHaveLength(2);
      for (const command of commands) {
        const [, ...args] = command.split(" ");
        const id = aTaskId.test(command) ? taskId : `1500000001/${file?.fileId}`;
        await shop.pulumi(...args.slice(0, -1), id, "--yes", "--protect=false");
      }
      const old = `resources:\n  old:\n    type: tencent-aigc:AigcImageTask\n    properties: { adoptFileIds: ["${file?.fileId}"] }\n`;
      declare(shop, withoutOption(program).replace("resources:\n", old));
      expect(changesIn(await shop.pulumi("preview"))).toEqual({ unchanged: 3 });
      expectBilled(shop.emulator, 1);
    });

    test("migration.md: its alias is the dynamic resource's", () => {
      expect(blockOf("docs/migration.md", "yaml")).toContain("pulumi-nodejs:dynamic/tencent-aigc:AigcImageTask");
    });
  });
}
