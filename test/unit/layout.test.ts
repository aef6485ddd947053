import { join, relative, sep } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const root = join(__dirname, "..", "..");
const folders = ["provider", "engine", "emulator", "command"] as const;

/** Which files each file imports, types included, as the compiler resolves them; paths from the repository's root. */
type Imports = ReadonlyMap<string, readonly string[]>;

const options = compilerOptions();
const imports = importsOf(
  ts.sys.readDirectory(
    root,
    [".ts"],
    undefined,
    [...folders].map((folder) => `${folder}/**/*`),
  ),
);

describe("imports", () => {
  test("are seen by this test: of values, of types, of what is exported again", () => {
    expect(specifiers('import { a } from "./a"; import type { B } from "./b"; export * from "./c";')).toEqual([
      "./a",
      "./b",
      "./c",
    ]);
    expect(specifiers('let a: import("./a").A; const b = import("./b"); const c = require("./c");')).toEqual([
      "./a",
      "./b",
      "./c",
    ]);
    for (const file of ["provider/index.ts", "engine/index.ts", "emulator/index.ts", "command/bin.ts"]) {
      expect(imports.get(file)?.length, file).toBeGreaterThan(0);
    }
  });

  test("that go round in a circle are found, however long it is", () => {
    const graph: Imports = new Map([
      ["a", ["b"]],
      ["b", ["c", "e"]],
      ["c", ["d"]],
      ["d", ["b"]],
      ["e", []],
      ["f", ["f"]],
    ]);
    expect(circlesIn(graph)).toEqual([["b", "c", "d"], ["f"]]);
  });

  test("go round in no circle, types included", () => {
    expect(circlesIn(imports)).toEqual([]);
  });

  test("lead from what deploys to neither the emulator nor the engine", () => {
    const outside = [...imports]
      .filter(([file]) => file.startsWith("provider/"))
      .flatMap(([file, targets]) => targets.map((target) => `${file} imports ${target}`))
      // The plugin carries the package's schema.
      .filter((line) => !/ imports (provider\/|plugin\/schema\.json$)/.test(line));
    expect(outside).toEqual([]);
  });
});

function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  return ts.parseJsonConfigFileContent(config, ts.sys, root).options;
}

function specifiers(text: string): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
}

function importsOf(files: readonly string[]): Imports {
  return new Map(files.map((file) => [named(file), targetsOf(file)]));
}

/** Files of this repository only: packages come later than any circle. */
function targetsOf(file: string): string[] {
  const resolved = specifiers(ts.sys.readFile(file) ?? "").map(
    (name) => ts.resolveModuleName(name, file, options, ts.sys).resolvedModule,
  );
  return resolved.flatMap((module) =>
    module && !module.isExternalLibraryImport ? [named(module.resolvedFileName)] : [],
  );
}

function named(file: string): string {
  return relative(root, file).split(sep).join("/");
}

/** Sets of files of which each leads to all others, and files that import themselves. */
function circlesIn(graph: Imports): string[][] {
  const reached = new Map([...graph.keys()].map((file) => [file, reachedFrom(file, graph)]));
  const circles = new Map<string, string[]>();
  for (const [file, far] of reached) {
    if (!far.has(file)) continue;
    const circle = [...far].filter((other) => reached.get(other)?.has(file)).sort();
    circles.set(circle.join(), circle);
  }
  return [...circles.values()].sort((one, other) => one.join().localeCompare(other.join()));
}

function reachedFrom(file: string, graph: Imports): ReadonlySet<string> {
  const reached = new Set<string>();
  const next = [...(graph.get(file) ?? [])];
  for (let target = next.pop(); target !== undefined; target = next.pop()) {
    if (reached.has(target)) continue;
    reached.add(target);
    next.push(...(graph.get(target) ?? []));
  }
  return reached;
}
