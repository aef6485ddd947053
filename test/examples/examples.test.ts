import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const repository = join(__dirname, "..", "..");
const readme = readFileSync(join(repository, "README.md"), "utf8");
const examples = readdirSync(join(repository, "examples"));

/** What is written for an example; not what running it has left there. */
function sourcesOf(example: string): readonly string[] {
  const folder = join(repository, "examples", example);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => /\.m?ts$/.test(file) && !file.includes("node_modules"))
    .map((file) => join(folder, file));
}

test.each(examples)("the README's table leads to the example %s", (example) => {
  expect(readme).toMatch(new RegExp(`^\\| \\[${example}\\]\\(`, "m"));
});

test.each(examples.filter((example) => example !== "quickstart"))(
  "no program of %s has more than 60 lines",
  (example) => {
    for (const path of sourcesOf(example)) {
      expect(readFileSync(path, "utf8").trimEnd().split("\n").length, path).toBeLessThanOrEqual(60);
    }
  },
);

test.each(examples)("the README of %s leads to files that are there", (example) => {
  const folder = join(repository, "examples", example);
  if (!existsSync(join(folder, "README.md"))) return;
  const links = [...readFileSync(join(folder, "README.md"), "utf8").matchAll(/\]\(([^)#]+)\)/g)];
  for (const [, link = ""] of links.filter(([, target = ""]) => !target.startsWith("https://"))) {
    expect(existsSync(join(folder, link)), link).toBe(true);
  }
});
