import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderOf } from "../../scripts/cli/places.mts";
import { find, pulumi, sdkWriter } from "../../scripts/cli/tools.mts";
import { sayMissing } from "../cli/sayMissing";
import { expectBilled } from "../scenarios/world";
import { writeSdk } from "./sdks";
import { examples, linkPackage, openShop, type Ran, type Shop } from "./shop";

const isAsked = process.env["AIGC_LANGUAGES"] === "1";
sayMissing(sdkWriter);
const canRun = "folder" in find(sdkWriter) && "folder" in find(pulumi);

/** Both download their SDK of Pulumi and take up to minutes. */
function testWith(command: string, name: string, deploys: () => Promise<void>): void {
  if (!isAsked) test.skip(`${name}: \`npm run test:languages\` does it`);
  else if (!folderOf(command)) test.skip(`${name}: \`${command}\` is not on PATH`);
  else if (canRun) test(name, deploys, 900_000);
}

function succeeded({ code, stdout, text }: Ran): string {
  if (code !== 0) throw new Error(text);
  return stdout;
}

/** Three pictures by the first update, none by the second, and each URL gives one. */
async function expectCatalogue(shop: Shop, stdout: string): Promise<void> {
  const { changes, urls } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  expect(changes).toEqual([{ create: 4 }, { same: 4 }]);
  expect(Object.keys(urls).sort()).toEqual(["chair", "lamp", "teapot"]);
  for (const url of Object.values<string>(urls))
    expect((await fetch(url)).headers.get("content-type")).toBe("image/png");
  expectBilled(shop.emulator, 3);
}

testWith("python3", "the catalogue in Python bills its three pictures once", async () => {
  const shop = await openShop(join(examples, "python"));
  linkPackage(shop);
  const sdk = await writeSdk("python", join(shop.folder, ".."));
  succeeded(await shop.run("python3", "-m", "venv", "venv"));
  const python = process.platform === "win32" ? "venv\\Scripts\\python.exe" : "venv/bin/python";
  succeeded(await shop.run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", sdk));
  const inline = join(__dirname, "python", "inline.py");
  const program = join(shop.folder, "__main__.py");
  await expectCatalogue(shop, succeeded(await shop.run(python, inline, shop.folder, program, "1500000001")));
});

testWith("go", "the catalogue in Go bills its three pictures once", async () => {
  const shop = await openShop(join(examples, "go"));
  linkPackage(shop);
  const sdk = await writeSdk("go", join(shop.folder, ".."));
  cpSync(join(__dirname, "go", "inline.go"), join(shop.folder, "main.go"));
  const module = join(shop.folder, "go.mod");
  writeFileSync(module, readFileSync(module, "utf8").replace(/=> .*/, `=> ${sdk}`));
  succeeded(await shop.run("go", "mod", "tidy"));
  succeeded(await shop.run("go", "build", "-o", "catalogue", "."));
  await expectCatalogue(shop, succeeded(await shop.run(join(shop.folder, "catalogue"), shop.folder, "1500000001")));
});
