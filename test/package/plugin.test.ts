import { accessSync, constants, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hasNodeHost } from "../../scripts/cli/places.mts";
import { find, pulumi, yamlHost } from "../../scripts/cli/tools.mts";
import { sayMissing } from "../cli/sayMissing";
import { changesIn, initStack, openShop } from "../languages/shop";
import { expectBilled } from "../scenarios/world";
import { packInto } from "./tarball";
import { manifest, npm, write } from "./workshop";

const cli = find(pulumi);
sayMissing("folder" in cli ? yamlHost : pulumi);

const plugin = `./node_modules/${manifest.name}/plugin`;

const project = `name: shop
runtime: yaml
`;

const hero = `resources:
  hero:
    type: tencent-aigc:AigcImageTask
    properties: { modelName: GG, modelVersion: "3.0", prompt: A lighthouse at dawn }
`;

/** What \`pulumi package add\` writes. It asks hosts that not every machine of these tests has. */
const packages = `packages:
  tencent-aigc: ${plugin}
`;

if ("folder" in cli && "folder" in find(yamlHost)) {
  const isWhole = hasNodeHost(cli.folder);

  test("a program in YAML deploys with the plugin of the installed package, billed once", async () => {
    const shop = await openShop();
    const { path } = await packInto(join(shop.folder, ".."));
    write(shop.folder, {
      "package.json": { name: "shop", private: true, dependencies: { [manifest.name]: `file:${path}` } },
      "Pulumi.yaml": isWhole ? project : project + packages,
    });
    await npm(shop.folder, "install", "--ignore-scripts", "--prefer-offline", "--no-package-lock");
    accessSync(join(shop.folder, plugin, "pulumi-resource-tencent-aigc"), constants.X_OK);
    if (isWhole) await shop.pulumi("package", "add", plugin);
    const added = readFileSync(join(shop.folder, "Pulumi.yaml"), "utf8");
    expect(added).toContain(packages);
    write(shop.folder, { "Pulumi.yaml": added + hero });
    await initStack(shop);
    expect(changesIn(await shop.pulumi("up", "--yes", "--skip-preview"))).toEqual({ created: 2 });
    expectBilled(shop.emulator, 1);
  });
}
