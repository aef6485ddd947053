import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { find, pulumi, yamlHost } from "../../scripts/cli/tools.mts";
import { schemaFile } from "../../scripts/schema/packageSchema.mts";
import { sayMissing } from "../cli/sayMissing";
import { expectBilled } from "../scenarios/world";
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
