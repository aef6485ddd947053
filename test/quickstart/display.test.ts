import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { gallery as drawGallery } from "../../scripts/quickstart/gallery.mts";
import { Progress } from "../../scripts/quickstart/progress.mts";
import type { TaskInState } from "../../scripts/quickstart/report.mts";

type Task = Omit<TaskInState, "status">;

const gallery = (tasks: readonly Task[]) => drawGallery(tasks.map((task) => ({ ...task, status: "FINISH" })));

/** Progress on an output of this kind, and what it has written there. */
async function shown(output: { isTTY?: boolean; columns?: number } = {}) {
  const chunks: string[] = [];
  const progress = new Progress({ ...output, write: (chunk: string) => chunks.push(chunk) });
  return { progress, text: () => chunks.join("") };
}

const hero = "urn:pulumi:dev::shop::pulumi-nodejs:dynamic/tencent-aigc:AigcImageTask::hero";
const nested = "urn:pulumi:dev::shop::shop:index:Poster$pulumi-nodejs:dynamic/tencent-aigc:AigcImageTask::print";
const poster = "urn:pulumi:dev::shop::shop:index:Poster::poster";

const step = (urn: string, op: string) => ({ metadata: { urn, op, type: "" } }) as never;
const row = (urn: string, message: string) =>
  ({ urn, message, severity: "info", ephemeral: true, color: "never" }) as never;

/** Serves a picture at /ok.png and a page of an error everywhere else. */
async function pictureServer(): Promise<string> {
  const server = createServer((request, response) => {
    const found = request.url === "/ok.png";
    response.writeHead(found ? 200 : 404, { "content-type": found ? "image/png" : "text/html" });
    response.end(found ? "a picture" : "<script>alert(1)</script>");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("the gallery escapes whatever a prompt or a name holds, and lets nothing of it run", async () => {
  const url = await pictureServer();
  const hostile = '"><script>alert(1)</script><img src=x onerror=alert(1)> &amp;';
  const page = await gallery([
    { name: hostile, prompt: hostile, model: hostile, taskId: hostile, urls: [`${url}/ok.png`] },
  ]);
  expect(page).not.toContain("<script");
  expect(page.match(/<img/g)).toHaveLength(1);
  expect(page).toContain("&lt;script&gt;");
  expect(page).toContain(`data:image/png;base64,${Buffer.from("a picture").toString("base64")}`);
  const [, policy = ""] = /Content-Security-Policy" content="([^"]+)"/.exec(page) ?? [];
  expect(policy).toMatch(/^default-src &#39;none&#39;; img-src data:; style-src &#39;sha256-/);
});

test("the gallery fails on what is no picture, rather than showing an error page as one", async () => {
  const url = `${await pictureServer()}/gone.png`;
  const task = { name: "hero", prompt: "", model: "GG 3.0", taskId: "1", urls: [url] };
  await expect(gallery([task])).rejects.toThrow(`The picture at ${url} cannot be shown: HTTP 404`);
});

test("where no terminal is, each change of a picture's row is a line, and a growing percentage is none", async () => {
  const { progress, text } = await shown();
  progress.onEvent({ resourcePreEvent: step(poster, "create") });
  progress.onEvent({ diagnosticEvent: row(hero, "bills up to 1 image, GG 3.0") });
  progress.onEvent({ resourcePreEvent: step(hero, "create") });
  for (const percent of [0, 50, 99]) progress.onEvent({ diagnosticEvent: row(hero, `PROCESSING, ${percent} %`) });
  progress.onEvent({ resOutputsEvent: step(hero, "create") });
  progress.onEvent({ diagnosticEvent: row(hero, "done, 1 image") });
  expect(text().split("\n")).toEqual([
    "  hero  bills up to 1 image, GG 3.0",
    "  hero  creating",
    "  hero  PROCESSING, 0 %",
    "  hero  created",
    "",
  ]);
});

test("on a terminal the rows are drawn over one another, no wider than it is", async () => {
  const { progress, text } = await shown({ isTTY: true, columns: 20 });
  progress.onEvent({ resourcePreEvent: step(hero, "create") });
  progress.onEvent({ resourcePreEvent: step(nested, "create") });
  progress.onEvent({ diagnosticEvent: row(nested, "PROCESSING, 50 %, task 1") });
  const screen = "\u001b[2A\u001b[0J  hero   creating\n  print  PROCESSING\n";
  expect(text().endsWith(screen), JSON.stringify(text())).toBe(true);
});

test("unchanged pictures are counted, components and the stack are not", async () => {
  const { progress } = await shown();
  for (const urn of [hero, nested, poster, "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"]) {
    progress.onEvent({ resourcePreEvent: step(urn, "same") });
    progress.onEvent({ resOutputsEvent: step(urn, "same") });
  }
  expect(progress.count("same")).toBe(2);
});

test("text of others neither steers the terminal nor fills more than its line", async () => {
  const { progress, text } = await shown();
  const message = "<{%fg 1%}>error:<{%reset%}> \u001b[2Jfirst\nsecond\u0007\n";
  progress.onEvent({ diagnosticEvent: { urn: hero, message, severity: "error" } });
  expect(text()).toBe("  hero: error: first second\n");
  expect(progress.errors).toEqual(["error: first second"]);
});
