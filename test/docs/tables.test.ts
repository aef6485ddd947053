import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { readConfiguration } from "../../provider/configuration";
import { statuses } from "../../provider/generation/record";
import { type InputEffect, inputEffects } from "../../provider/schema/effects";
import { models } from "../../provider/schema/models";
import { read, repository, rowsOf, withRows } from "./markdown";
import { modelTable } from "./modelTable";

const readme = read("README.md");

const effectTexts: Record<InputEffect, string | undefined> = {
  replaces: "generates, and bills, a new image",
  inPlace: "is made in place, unbilled",
  next: "is used by the next generation",
  scope: "keeps the image",
  adopts: "takes over, unbilled",
  control: "generates nothing",
  hidden: undefined,
};

test("the README has every input, and says of each what a change of it does", () => {
  const documented = rowsOf(readme, "inputs").map(([input, , change]) => [input, change]);
  const inputs = Object.entries(inputEffects).map(([input, effect]) => [input, effectTexts[effect]]);
  expect(documented).toEqual(inputs.filter(([, change]) => change !== undefined));
});

test("the README has every output", () => {
  const source = ts.createSourceFile(
    "aigcImageTask.ts",
    read("provider/aigcImageTask.ts"),
    ts.ScriptTarget.Latest,
    true,
  );
  const outputs: string[] = [];
  source.forEachChild((node) => {
    if (!ts.isClassDeclaration(node)) return;
    for (const member of node.members) {
      const isStatic =
        ts.canHaveModifiers(member) &&
        ts.getModifiers(member)?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword);
      if (isStatic || !member.name) continue;
      outputs.push(ts.isMethodDeclaration(member) ? `${member.name.getText()}()` : member.name.getText());
    }
  });
  expect(outputs.length).toBeGreaterThan(10);
  const documented = rowsOf(readme, "outputs").map(([output]) => output);
  expect([...documented].sort()).toEqual(outputs.sort());
});

test("the README has every setting, with its default", () => {
  const asked = new Set<string>();
  const { configured, ...defaults } = readConfiguration((key) => {
    asked.add(key);
    return undefined;
  }, {});
  const rows = rowsOf(readme, "configuration");
  expect(rows.map(([key]) => key).sort()).toEqual([...asked].sort());
  const values: Record<string, unknown> = { ...configured, ...defaults, endpoint: defaults.endpoint.url.origin };
  for (const [key = "", value] of rows.filter(([name]) => name !== "journalDir")) {
    expect(value, key).toBe(String(values[key] ?? "–"));
  }
});

test("README and docs/credentials.md have every environment variable that is read, and no other", () => {
  const used = new Set(sources(join(repository, "provider")).flatMap((text) => text.match(variable) ?? []));
  // For tests of programs that wait long.
  used.delete("TENCENT_AIGC_EMULATOR_SPEED");
  const documented = readme + read("docs/credentials.md");
  expect([...new Set(documented.match(variable))].sort()).toEqual([...used].sort());
});

const variable = /\bTENCENT(?:CLOUD)?_[A-Z_]+\b/g;

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? sources(path) : readFileSync(path, "utf8");
  });
}

test("the README names every status that a picture can stay in", () => {
  const documented = rowsOf(readme, "statuses")
    .map(([status]) => status)
    .join(" ");
  for (const status of [statuses.failed, statuses.unknown, statuses.aged, "WAITING", "PROCESSING"])
    expect(documented).toContain(status);
});

test("the README's table of models is the one that the code checks by", () => {
  const rows = modelTable(models);
  const printed = withRows(readme, "models", rows);
  if (process.env["UPDATE_DOCS"] === "1") writeFileSync(join(repository, "README.md"), printed);
  else expect(rowsOf(readme, "models")).toEqual(rows);
  expect(rowsOf(printed, "models")).toEqual(rows);
});
