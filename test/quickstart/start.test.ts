import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PNG } from "pngjs";
import { expect, test } from "vitest";
import { defaultSecretKey } from "../../emulator";
import { checkout, pulumi, repository, start, theirs } from "./quickstart";

const oneTask = `import { AigcImageTask } from "pulumi-tencent-aigc";
new AigcImageTask("hero", { modelName: "GG", modelVersion: "3.0", prompt: "A lighthouse" });
`;

const taskId = /\d+-AigcImageTask-\w+/g;

/** Sizes of the pictures that are part of a page. */
function picturesIn(page: string): string[] {
  return [...page.matchAll(/<img src="data:image\/png;base64,([A-Za-z0-9+/=]+)"/g)].map(([, bytes = ""]) => {
    const { width, height } = PNG.sync.read(Buffer.from(bytes, "base64"));
    return `${width}x${height}`;
  });
}

function expectNothingOfTheirs(text: string): void {
  for (const value of [...Object.values(theirs), defaultSecretKey]) expect(text).not.toContain(value);
}

test("`npm start` deploys four pictures, shows them, and the second update bills nothing", async () => {
  const before = readdirSync(repository);
  const run = start(repository, { npm: true });
  expect(await run.ended, run.text()).toBe(0);
  const text = run.text();

  const table = text.slice(text.indexOf("NAME"), text.indexOf("The pictures:"));
  const rows = table.split("\n").slice(1).filter(Boolean);
  expect(rows.map((row) => row.split(/ +/)[0]).sort()).toEqual(["car", "harbour-print", "harbour-sketch", "vase"]);
  for (const row of rows) expect(row).toMatch(/\d+-AigcImageTask-\w+ +FINISH +http:\/\/127\.0\.0\.1:\d+\/\S+$/);
  expect(new Set(table.match(taskId)).size).toBe(4);
  expect(text).toContain("4 unchanged, 0 billed");
  expect(text).toContain("At the service, 4 images would have been billed.");

  const page = readFileSync(join(repository, "gallery.html"), "utf8");
  expect(picturesIn(page).sort()).toEqual(["1024x768", "1184x888", "1368x768", "912x1144"]);
  for (const id of new Set(table.match(taskId))) expect(page).toContain(id);
  expect(page).not.toContain("127.0.0.1");

  const aboutPulumi = text.split("\n").filter((line) => line.includes("https://www.pulumi.com/docs/install/"));
  expect(aboutPulumi).toHaveLength(1);
  expectNothingOfTheirs(text + page);
  expect(readdirSync(run.temporary).filter((name) => name.startsWith("tencent-aigc"))).toEqual([]);
  expect(readdirSync(repository).filter((name) => !before.includes(name) && name !== "gallery.html")).toEqual([]);
});

// test/cli says what is missing where one of the two is not run.
if (pulumi === "whole") {
  test("`npm start` uses the Pulumi CLI where there is one on PATH", async () => {
    const run = start(repository, { npm: true, pulumi: true });
    expect(await run.ended, run.text()).toBe(0);
    expect(run.text()).toMatch(/Deploying with the Pulumi CLI \d/);
    expect(run.text()).toContain("4 unchanged, 0 billed");
    expectNothingOfTheirs(run.text());
  });
}

if (pulumi === "alone") {
  test("`npm start` deploys without the Pulumi CLI where that cannot run a Node program, and says so", async () => {
    const run = start(checkout(oneTask), { pulumi: true });
    expect(await run.ended, run.text()).toBe(0);
    expect(run.text()).toContain("without its language host for Node, so the package's embedded engine deploys");
    expect(run.text()).toContain("1 unchanged, 0 billed");
  });
}

test("`--keep` leaves the emulator's page open until it is told to stop", async () => {
  const run = start(checkout(oneTask), { args: ["--keep"] });
  const [, url = ""] = /page: (\S+)/.exec(await run.says(/page: \S+/)) ?? [];
  const page = await (await fetch(url)).text();
  expect(page.match(/<img /g)).toHaveLength(1);
  run.child.kill("SIGINT");
  expect(await run.ended).toBe(0);
  await expect(fetch(url)).rejects.toThrow();
  expect(readdirSync(run.temporary)).toEqual([]);
});

test("a program that is refused ends it with what is wrong, a failure and nothing left behind", async () => {
  const run = start(checkout(oneTask.replace("GG", "GEM")));
  expect(await run.ended).toBe(1);
  expect(run.text()).toMatch(/modelName.*GEM is an earlier name of GG/);
  expect(run.text()).toContain("The quickstart failed.");
  expect(run.text()).not.toContain("0 billed");
  expect(readdirSync(run.temporary)).toEqual([]);
});

test("a second update that bills is a failure, not a success that says otherwise", async () => {
  const run = start(checkout(oneTask.replace("prompt:", "keepers: { now: Date.now() }, $&")));
  expect(await run.ended).toBe(1);
  expect(run.text()).toContain("0 unchanged, 1 billed");
});

test("an interrupt stops the update, the emulator and the run", async () => {
  const run = start(checkout(oneTask));
  await run.says("PROCESSING");
  run.child.kill("SIGTERM");
  expect(await run.ended).toBe(130);
  expect(run.text()).toContain("It was interrupted.");
  expect(readdirSync(run.temporary)).toEqual([]);
});

test("an unknown option is refused with the usage", async () => {
  const run = start(repository, { args: ["--kepe"] });
  expect(await run.ended).toBe(2);
  expect(run.text()).toContain("Usage: npm start");
});
