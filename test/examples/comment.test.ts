import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { marker } from "../../command/billReport";
import { PullRequest } from "./pullRequest";

/** A checkout in which `./deploy.sh bill` has written this. */
function checkoutWith(comment: string): string {
  const workDir = mkdtempSync(join(tmpdir(), "aigc-comment-"));
  onTestFinished(() => rmSync(workDir, { recursive: true, force: true }));
  mkdirSync(join(workDir, "out"));
  writeFileSync(join(workDir, "out", "comment.md"), comment);
  return workDir;
}

const bill = (text: string) => `${marker}\n\n### ${text}\n`;
const done = { status: 0, stdout: "", stderr: "" };

test("the first run comments, and each later one changes that comment, among many of others", async () => {
  const pullRequest = await PullRequest.open();
  const { comments } = pullRequest;
  for (let count = 0; count < 35; count += 1) pullRequest.add(count % 2 === 0 ? "User" : "Bot", `comment ${count}`);
  const others = comments.map(({ body }) => body);
  for (const text of ["bills 2 images", "bills nothing", "is refused"]) {
    expect(await pullRequest.runStep(checkoutWith(bill(text)))).toEqual(done);
    expect(comments.map(({ body }) => body)).toEqual([...others, bill(text)]);
  }
});

test("what a person has written is never changed, though it begins as a bill", async () => {
  const pullRequest = await PullRequest.open();
  pullRequest.add("User", bill("as quoted"));
  expect(await pullRequest.runStep(checkoutWith(bill("bills 1 image")))).toEqual(done);
  expect(pullRequest.comments.map(({ body }) => body)).toEqual([bill("as quoted"), bill("bills 1 image")]);
});

test("of two bills, which runs at the same moment may leave, the older one is changed", async () => {
  const pullRequest = await PullRequest.open();
  for (const text of ["one", "two"]) pullRequest.add("Bot", bill(text));
  expect(await pullRequest.runStep(checkoutWith(bill("three")))).toEqual(done);
  expect(pullRequest.comments.map(({ body }) => body)).toEqual([bill("three"), bill("two")]);
});

test.each(["GET", "PATCH"])(
  "where GitHub answers no %s, the step fails, and comments nothing twice",
  async (method) => {
    const pullRequest = await PullRequest.open();
    pullRequest.add("Bot", bill("as before"));
    pullRequest.broken.add(method);
    const { status, stderr } = await pullRequest.runStep(checkoutWith(bill("bills 1 image")));
    expect(status).not.toBe(0);
    expect(stderr).toContain("HTTP 502");
    expect(pullRequest.comments.map(({ body }) => body)).toEqual([bill("as before")]);
  },
);

test("what a shell or gh would take for something else is text", async () => {
  const pullRequest = await PullRequest.open();
  const comment = bill("@all $(touch evil) `id` {owner} true 'x' \"y\" \\n");
  expect(await pullRequest.runStep(checkoutWith(comment))).toEqual(done);
  expect(pullRequest.comments.map(({ body }) => body)).toEqual([comment]);
});
