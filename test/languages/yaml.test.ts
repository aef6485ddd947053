import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { digestBase64 } from "../../provider/schema/request";
import { find, pulumi, yamlHost } from "../../scripts/cli/tools.mts";
import { schemaFile } from "../../scripts/schema/packageSchema.mts";
import { sayMissing } from "../cli/sayMissing";
import { expectBilled } from "../scenarios/world";
import { pngOf } from "../support/localFiles";
import { changesIn, examples, initStack, linkPackage, openShop } from "./shop";

const hasCli = "folder" in find(pulumi);
sayMissing(hasCli ? yamlHost : pulumi);

/** What starts without the host of a language, which not every machine of these tests has. */
const executable = "./node_modules/pulumi-tencent-aigc/plugin/pulumi-resource-tencent-aigc";

if (hasCli) {
  test("the CLI gets from the plugin the schema that the package has, and finds no fault in it", async () => {
    const shop = await openShop();
    linkPackage(shop);
    const served = JSON.parse(await shop.pulumi("package", "get-schema", executable));
    expect(served).toEqual(JSON.parse(readFileSync(schemaFile, "utf8")));
    await shop.pulumi("schema", "check", schemaFile);
  });
}

if (hasCli && "folder" in find(yamlHost)) {
  test("a local file of a YAML program is billed by its content, whatever its path", async () => {
    const shop = await openShop(join(examples, "yaml"));
    linkPackage(shop);
    await initStack(shop);
    const program = (file: string) =>
      [
        "name: catalogue",
        "runtime: yaml",
        "packages: { tencent-aigc: ./node_modules/pulumi-tencent-aigc/plugin }",
        "resources:",
        "  hero:",
        "    type: tencent-aigc:AigcImageTask",
        "    properties:",
        '      { modelName: GG, modelVersion: "3.0", prompt: A lamp, fileInfos: [{ asset: { fn::fileAsset: FILE } }] }',
      ]
        .join("\n")
        .replace("FILE", file);
    const declare = (file: string) => writeFileSync(join(shop.folder, "Pulumi.yaml"), program(file));
    const [bytes, others] = [pngOf("a style"), pngOf("another style")];
    mkdirSync(join(shop.folder, "styles"));
    writeFileSync(join(shop.folder, "style.png"), bytes);
    writeFileSync(join(shop.folder, "styles", "a.png"), bytes);
    declare("./style.png");
    expect(changesIn(await shop.pulumi("up", "--yes"))).toEqual({ created: 2 });
    expect(shop.emulator.ledger().tasks[0]?.base64).toEqual([digestBase64(bytes.toString("base64"))]);
    rmSync(join(shop.folder, "style.png"));
    declare("./styles/a.png");
    expect(changesIn(await shop.pulumi("up", "--yes"))).toEqual({ unchanged: 2 });
    expect(await shop.pulumi("stack", "export")).not.toContain(bytes.toString("base64"));
    writeFileSync(join(shop.folder, "styles", "a.png"), others);
    const preview = await shop.pulumi("preview", "--diff");
    expect(preview).toContain("fileInfos");
    expect(changesIn(await shop.pulumi("up", "--yes", "--skip-preview"))).toEqual({ replaced: 1, unchanged: 1 });
    writeFileSync(join(shop.folder, "styles", "a.png"), "no picture");
    const { code, text } = await shop.run("pulumi", "--non-interactive", "preview");
    expect([code, text]).toEqual([
      expect.any(Number),
      expect.stringMatching(/fileInfos\[0\]\.asset.* jpeg, png or webp/s),
    ]);
    expect(code).not.toBe(0);
    expectBilled(shop.emulator, 2);
  });

  test("the catalogue in YAML bills its three pictures once", async () => {
    const shop = await openShop(join(examples, "yaml"));
    linkPackage(shop);
    await initStack(shop);
    expect(changesIn(await shop.pulumi("up", "--yes", "--skip-preview"))).toEqual({ created: 4 });
    expectBilled(shop.emulator, 3);
    const urls = JSON.parse(await shop.pulumi("stack", "output", "urls"));
    expect(Object.keys(urls).sort()).toEqual(["chair", "lamp", "teapot"]);
    const picture = await fetch(urls.lamp);
    expect(picture.headers.get("content-type")).toBe("image/png");
    expect(changesIn(await shop.pulumi("up", "--yes"))).toEqual({ unchanged: 4 });
    await shop.pulumi("refresh", "--yes", "--skip-preview");
    await shop.pulumi("destroy", "--yes", "--skip-preview");
    expectBilled(shop.emulator, 3);
  });
}
