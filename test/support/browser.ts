import { join } from "node:path";
import { type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { onTestFinished } from "vitest";
import { executable } from "../../scripts/cli/places.mts";
import { browser, find } from "../../scripts/cli/tools.mts";

const found = find(browser);

/** Whether there is a browser; `sayMissing(browser)` tells where there is none. */
export const hasBrowser = "folder" in found;

/** An empty page in a browser of its own. */
export async function openPage(options: BrowserContextOptions): Promise<Page> {
  if ("reason" in found) throw new Error(found.reason);
  const opened = await chromium.launch({ executablePath: join(found.folder, executable(browser.command)) });
  onTestFinished(() => opened.close());
  return opened.newPage(options);
}
