import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { commands } from "../../command/commands";
import { run } from "../../command/run";

async function shown(content: string, ...options: string[]) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const surroundings = { env: {}, stdin: Readable.from([content]), stdout, stderr };
  const status = await run(commands, ["bill", "-", ...options], surroundings);
  stdout.end();
  stderr.end();
  return { status, out: await text(stdout), err: await text(stderr) };
}

const line = (name: string, changes: object = {}) => ({
  urn: `urn:pulumi:dev::shop::t::${name}`,
  name,
  images: 1,
  modelName: "GG",
  modelVersion: "3.0",
  currency: "USD",
  amount: "0.10",
  reason: "create",
  ...changes,
});
const billOf = (resources: { images: number }[], changes: object = {}) =>
  JSON.stringify({
    version: 1,
    images: resources.reduce((sum, { images }) => sum + images, 0),
    resources,
    ...changes,
  });

test("a comment has a marker, the total, a table by model and one by resource", async () => {
  const { out, status } = await shown(
    billOf([line("hero"), line("logo", { images: 2, amount: "0.20", reason: "retry", attempt: 2 })]),
    "--markdown",
  );
  expect(status).toBe(0);
  expect(out.split("\n")).toEqual([
    "<!-- pulumi-tencent-aigc bill -->",
    "",
    "### This update bills up to 3 images, 0.30 USD",
    "",
    "| model | images | amount |",
    "| --- | --- | --- |",
    "| GG 3.0 | 3 | 0.30 USD |",
    "",
    "Resources: 1 new, 1 next attempt.",
    "",
    "| resource | model | images | amount | why |",
    "| --- | --- | --- | --- | --- |",
    "| hero | GG 3.0 | 1 | 0.10 USD | new |",
    "| logo | GG 3.0 | 2 | 0.20 USD | next attempt, attempt 2 |",
    "",
  ]);
});

const refused = [
  { urn: "u1", name: "hero", reason: "This picture would be image 2 of this update. Raise `x`." },
  { urn: "u2", name: "logo", property: "outputConfig.expireTime", reason: "is in the past." },
];

test("a refused preview is told with its reasons, and what it would bill otherwise", async () => {
  const bill = billOf([line("hero"), line("logo")], { refused });
  const { out, status } = await shown(bill, "--markdown");
  expect(status).toBe(0);
  expect(out.split("\n").slice(0, 8)).toEqual([
    "<!-- pulumi-tencent-aigc bill -->",
    "",
    "### This update is refused, and bills nothing",
    "",
    "- hero: This picture would be image 2 of this update. Raise &#96;x&#96;.",
    "- logo: outputConfig.expireTime is in the past.",
    "",
    "As far as it was looked at, it would bill up to 2 images, 0.20 USD:",
  ]);
  expect((await shown(bill)).out.split("\n").slice(0, 4)).toEqual([
    "This update is refused, and bills nothing",
    "  hero: This picture would be image 2 of this update. Raise `x`.",
    "  logo: outputConfig.expireTime is in the past.",
    "As far as it was looked at, it would bill up to 2 images, 0.20 USD:",
  ]);
  const nothing = await shown(billOf([], { refused }), "--markdown");
  expect(nothing.out).not.toContain("As far as");
});

test("an update that was refused in part tells what it has billed", async () => {
  const result = { billed: 1, reused: 0, running: 0, failed: 0, unknown: 0 };
  const { out } = await shown(billOf([line("hero")], { refused, result }), "--markdown");
  expect(out).toContain("### This update bills up to 1 image, 0.10 USD\n\n- hero: ");
  expect(out).toContain("Came to: 1 billed.");
});

test("however much there is to tell, GitHub takes the comment", async () => {
  const lines = Array.from({ length: 3_000 }, (_, index) => line(`${"_".repeat(60)}${index}`));
  const reasons = Array.from({ length: 3_000 }, () => ({ urn: "u", name: "*".repeat(400), reason: "#".repeat(400) }));
  const { out } = await shown(billOf(lines, { refused: reasons }), "--markdown");
  expect(out.length).toBeLessThan(65_536);
  expect(out).toContain("2998 more refusals, which the bill&#39;s file has".replace("&#39;", "'"));
  expect(out).toMatch(/and \d{4} more resources, which the bill's file has\n\n<\/details>/);
  expect((await shown(billOf(lines))).out.split("\n").length).toBeGreaterThan(3_000);
});

test("many resources are folded", async () => {
  const { out } = await shown(billOf(Array.from({ length: 11 }, (_, index) => line(`p${index}`))), "--markdown");
  expect(out).toContain("<details><summary>11 resources</summary>\n\n| resource");
});

test("a name is text, whatever it holds", async () => {
  const name = "<img src=x>|[a](http://b) @all `c` *d* #1\n-->\u202e\u001b[31m_e_";
  const { out } = await shown(billOf([line(name)]), "--markdown");
  const row = out.split("\n").find((each) => each.includes("src")) ?? "";
  expect(row.split("|")).toHaveLength(7);
  for (const character of "<>[]()@`*_\u202e\u001b") expect(row).not.toContain(character);
  const plain = await shown(billOf([line(name)]));
  for (const character of "\u202e\u001b") expect(plain.out).not.toContain(character);
});

test("images without a price, and several currencies, are told apart", async () => {
  const { currency: _, amount: __, ...unpriced } = line("c");
  const { out } = await shown(billOf([line("a"), line("b", { currency: "CNY", amount: "1.005" }), unpriced]));
  expect(out).toContain("bills up to 3 images, 0.10 USD + 1.005 CNY, 1 image without a price");
});

test("a bill of nothing, and what an update came to, are told", async () => {
  expect((await shown(billOf([]))).out).toBe("This update bills no image\n");
  const result = { billed: 1, reused: 19, running: 2, failed: 0, unknown: 0 };
  expect((await shown(billOf([], { result }))).out).toContain("Came to: 1 billed, 19 reused, 2 still running.");
});

test.each([
  ["", /no JSON/],
  ["{}", /This is no bill/],
  [JSON.stringify({ version: 2, images: 0, resources: [] }), /has version 2/],
  [billOf([line("a", { amount: "-1" })]), /resources\.0\.amount/],
])("what is no bill is refused: %s", async (content, message) => {
  const { status, err, out } = await shown(content);
  expect([status, out]).toEqual([1, ""]);
  expect(err).toMatch(message);
});

test("without a file the call is refused", async () => {
  const stderr = new PassThrough();
  const surroundings = { env: {}, stdin: Readable.from([]), stdout: new PassThrough(), stderr };
  expect(await run(commands, ["bill"], surroundings)).toBe(2);
});
