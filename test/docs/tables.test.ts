import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { readConfiguration } from "../../provider/configuration";
import { statuses } from "../../provider/generation/record";
import { type InputEffect, inputEffects } from "../../provider/schema/effects";
import { models } from "../../provider/schema/models";
import { documents, read, repository, rowsOf, withRows } from "./markdown";
import { modelTable } from "./modelTable";

const documentedEffects = ["replaces", "inPlace", "next", "adopts", "scope", "control"] satisfies InputEffect[];

test.each(documentedEffects)("docs/inputs.md has every input of which a change has the effect %s", (effect) => {
  const documented = rowsOf(read("docs/inputs.md"), `inputs-${effect}`).map(([input]) => input);
  const inputs = Object.entries(inputEffects).filter(([, effectOfInput]) => effectOfInput === effect);
  expect(documented).toEqual(inputs.map(([input]) => input));
});

test("no effect of an input is left out of docs/inputs.md", () => {
  const effects = new Set<InputEffect>(Object.values(inputEffects));
  expect([...effects].sort()).toEqual([...documentedEffects, "hidden"].sort());
});

test("docs/inputs.md has every output", () => {
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
  const documented = rowsOf(read("docs/inputs.md"), "outputs").map(([output]) => output);
  expect([...documented].sort()).toEqual(outputs.sort());
});

test("docs/configuration.md has every setting, with its default", () => {
  const asked = new Set<string>();
  const { configured, ...defaults } = readConfiguration((key) => {
    asked.add(key);
    return undefined;
  }, {});
  const rows = rowsOf(read("docs/configuration.md"), "configuration");
  expect(rows.map(([key]) => key).sort()).toEqual([...asked].sort());
  const values: Record<string, unknown> = { ...configured, ...defaults, endpoint: defaults.endpoint.url.origin };
  for (const [key = "", value] of rows.filter(([name]) => name !== "journalDir")) {
    expect(value, key).toBe(String(values[key] ?? "–"));
  }
});

test("the documents for users have every environment variable that is read, and no other", () => {
  const used = new Set(sources(join(repository, "provider")).flatMap((text) => text.match(variable) ?? []));
  // For tests of programs that wait long.
  used.delete("TENCENT_AIGC_EMULATOR_SPEED");
  const forUsers = documents.filter((name) => name !== "CONTRIBUTING.md");
  const documented = forUsers.map(read).join("\n");
  expect([...new Set(documented.match(variable))].sort()).toEqual([...used].sort());
});

const variable = /\bTENCENT(?:CLOUD)?_[A-Z_]+\b/g;

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? sources(path) : readFileSync(path, "utf8");
  });
}

test("docs/failures.md names every status that a picture can stay in", () => {
  const documented = rowsOf(read("docs/failures.md"), "statuses")
    .map(([status]) => status)
    .join(" ");
  for (const status of [statuses.failed, statuses.unknown, statuses.aged, "WAITING", "PROCESSING"])
    expect(documented).toContain(status);
});

test("docs/models.md's table is the one that the code checks by", () => {
  const rows = modelTable(models);
  const page = read("docs/models.md");
  const printed = withRows(page, "models", rows);
  if (process.env["UPDATE_DOCS"] === "1") writeFileSync(join(repository, "docs", "models.md"), printed);
  else expect(rowsOf(page, "models")).toEqual(rows);
  expect(rowsOf(printed, "models")).toEqual(rows);
});
