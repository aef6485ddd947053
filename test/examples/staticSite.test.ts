import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { browser } from "../../scripts/cli/tools.mts";
import { sayMissing } from "../cli/sayMissing";
import { scenarioEngines } from "../scenarios/world";
import { hasBrowser, openPage } from "../support/browser";
import { expectLedger } from "../support/emulator";
import { openExample } from "./example";

/** What the page shows, by what it says below. */
function shown(workDir: string): Record<string, string> {
  const page = readFileSync(join(workDir, "site", "index.html"), "utf8");
  return Object.fromEntries(
    [...page.matchAll(/src="([^"]+)" alt="([^"]*)"/g)].map(([, src = "", alt = ""]) => [alt, src]),
  );
}

describe.each(scenarioEngines)("on %s", (engine) => {
  test("a page is built of the catalogue's pictures, and each is billed once, whatever is edited around it", async () => {
    const { emulator, workDir, stack, edit } = await openExample(engine, "static-site");
    const dev = await stack();
    await dev.preview();
    expect(readdirSync(join(workDir, "site"))).toEqual(["pictures"]);
    expect((await dev.up()).outputs["page"]?.value).toBe("site/index.html");
    const first = shown(workDir);
    expect(Object.keys(first)).toHaveLength(6);
    const downloaded = (file = "") => statSync(join(workDir, "site", file)).mtimeMs;
    const kettle = downloaded(first["Enamel kettle"]);

    // The last product moves to the top, one gets another name, and one another prompt.
    edit("catalogue.yaml", (text) => {
      const products = text.split(/^(?=- )/m);
      return [products.at(-1), ...products.slice(0, -1)]
        .join("")
        .replace("Tall vase", 'Vase, tall & "thin"')
        .replace("with lemons", "with oranges");
    });
    await dev.up();
    const second = shown(workDir);
    expect(Object.keys(second)).toEqual([
      "Cast iron teapot",
      "Enamel kettle",
      "Vase, tall &#38; &#34;thin&#34;",
      "Reading lamp",
      "Salad bowl",
      "Wool blanket",
    ]);
    expect(second["Salad bowl"]).not.toBe(first["Salad bowl"]);
    expect(second["Enamel kettle"]).toBe(first["Enamel kettle"]);
    expect(downloaded(second["Enamel kettle"]), "not downloaded again").toBe(kettle);
    expect(
      readdirSync(join(workDir, "site", "pictures"))
        .map((file) => `pictures/${file}`)
        .sort(),
    ).toEqual(Object.values(second).sort());

    // A checkout without its site, as in a CI, gets it again.
    rmSync(join(workDir, "site"), { recursive: true });
    await dev.up();
    expect(shown(workDir)).toEqual(second);
    expectLedger(emulator, { billed: 7, intended: 7 });
  });
});

sayMissing(browser);

if (hasBrowser) {
  test("a browser shows all pictures of the page when the service is out of reach", async () => {
    const { emulator, workDir, stack } = await openExample("the embedded engine", "static-site");
    await (await stack()).up();
    expectLedger(emulator, { billed: 6, intended: 6 });
    await emulator.close();

    const page = await openPage({ viewport: { width: 1000, height: 900 } });
    await page.goto(pathToFileURL(join(workDir, "site", "index.html")).href);
    const widths = await page.locator("img").evaluateAll((images) => images.map((image) => image.naturalWidth));
    expect(widths).toHaveLength(6);
    for (const width of widths) expect(width).toBeGreaterThan(0);
  });
}
