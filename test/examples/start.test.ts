import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkout, start } from "../quickstart/quickstart";

test("`npm start` takes the name of an example, and deploys it twice for one bill", async () => {
  const folder = checkout("");
  const run = start(folder, { args: ["bucket"] });
  expect(await run.ended, run.text()).toBe(0);
  expect(run.text()).toContain("1 unchanged, 0 billed");
  expect(run.text()).toContain("At the service, 1 image would have been billed.");
  expect(existsSync(join(folder, "examples", "bucket", "buckets", "shop-pictures", "hero.png"))).toBe(true);
});

test("of a name that no example has, `npm start` says so and deploys nothing", async () => {
  const run = start(checkout(""), { args: ["static-sight"] });
  expect(await run.ended).toBe(2);
  expect(run.text()).toContain("There is no such example: static-sight");
  expect(run.text()).toContain("Usage: npm start");
});
