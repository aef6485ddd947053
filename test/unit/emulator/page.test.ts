import type { Page } from "playwright-core";
import { expect, onTestFinished, test } from "vitest";
import { type Emulator, startEmulator } from "../../../emulator";
import { browser } from "../../../scripts/cli/tools.mts";
import { sayMissing } from "../../cli/sayMissing";
import { hasBrowser, openPage } from "../../support/browser";
import { call, car } from "./stranger";

/** The emulator's page, as a browser shows it. */

const desktop = { width: 1200, height: 900 };
const phone = { width: 375, height: 700 };

async function opened(options: Parameters<typeof openPage>[0]): Promise<{ emulator: Emulator; page: Page }> {
  const emulator = await startEmulator({ frozen: true, concurrency: 2, taskSeconds: 10, submitsPerSecond: 1000 });
  onTestFinished(() => emulator.close());
  const page = await openPage(options);
  await page.goto(emulator.url);
  return { emulator, page };
}

const create = (emulator: Emulator, Prompt: string) => call(emulator, "CreateAigcImageTask", car({ Prompt }));
const shown = (page: Page) => page.locator(".task h2").allTextContents();
/** The page asks once a second. */
const eventually = <T>(seen: () => T) => expect.poll(seen, { timeout: 20_000 });
const billed = (page: Page) => page.locator("#images-billed dd");

sayMissing(browser);

if (hasBrowser) {
  test("shows tasks, pictures and the bill as they come, and leaves alone what has not changed", async () => {
    const { emulator, page } = await opened({ viewport: desktop });
    await create(emulator, "a quiet harbour");
    await page.locator(".task progress").waitFor();
    expect(await page.locator(".task img").count()).toBe(0);
    emulator.advance(10);
    await page.locator(".task img").waitFor();
    await eventually(() => billed(page).textContent()).toBe("1");
    const link = page.locator(".task a");
    await link.focus();
    await create(emulator, "a harbour at night");
    await eventually(() => shown(page)).toEqual(["a harbour at night", "a quiet harbour"]);
    expect(await link.evaluate((node) => node === node.ownerDocument.activeElement)).toBe(true);
    const width = await page.locator(".task img").evaluate((image) => image.naturalWidth);
    expect(width).toBeGreaterThan(0);
    emulator.fault({ kind: "taskFails", prompt: "storm" });
    await page.getByText("taskFails").waitFor();
    emulator.clearFaults();
    await page.getByText("taskFails").waitFor({ state: "detached" });
    expect(emulator.ledger().billedImages).toBe(1);
  });

  test("is searched by keyboard, and the search is in the address", async () => {
    const { emulator, page } = await opened({ viewport: desktop });
    for (const prompt of ["a quiet harbour", "a red car"]) await create(emulator, prompt);
    await eventually(() => shown(page)).toHaveLength(2);
    await page.keyboard.press("/");
    await page.keyboard.type("harbour");
    await eventually(() => shown(page)).toEqual(["a quiet harbour"]);
    expect(new URL(page.url()).searchParams.get("search")).toBe("harbour");
    await page.getByLabel("State").selectOption("made");
    await eventually(() => shown(page)).toEqual([]);
    emulator.advance(10);
    await eventually(() => shown(page)).toEqual(["a quiet harbour"]);
    expect(emulator.ledger().billedImages).toBe(2);
  });

  test.each(["light", "dark"] as const)("fits on a phone, %s", async (colorScheme) => {
    const { emulator, page } = await opened({ viewport: phone, colorScheme });
    await create(emulator, "a harbour with a name that is much longer than a phone is wide ".repeat(3));
    emulator.advance(10);
    await page.locator(".task img").waitFor();
    const { scrolls, sees } = await page
      .locator("html")
      .evaluate((root) => ({ scrolls: root.scrollWidth, sees: root.clientWidth }));
    expect(scrolls).toBe(sees);
    const background = await page
      .locator("body")
      .evaluate((body) => body.ownerDocument.defaultView.getComputedStyle(body).backgroundColor);
    expect(background).toBe(colorScheme === "dark" ? "rgb(22, 22, 22)" : "rgb(255, 255, 255)");
    expect(emulator.ledger().billedImages).toBe(1);
  });

  test("says that the emulator has ended", async () => {
    const { emulator, page } = await opened({ viewport: desktop });
    const alert = page.getByRole("alert");
    expect(await alert.count()).toBe(0);
    await emulator.close();
    await alert.waitFor();
  });
}
