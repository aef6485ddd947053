import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

const root = join(__dirname, "..", "..");

/** Diagnostics of a file in this directory, under the project's own compiler options. */
function diagnosticsOf(file: string, change: (text: string) => string = (text) => text): string[] {
  const config = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const path = join(__dirname, file);
  const readFile = host.readFile.bind(host);
  const getSourceFile = host.getSourceFile.bind(host);
  host.getSourceFile = (name, ...rest) =>
    name === path ? ts.createSourceFile(name, change(readFile(name) ?? ""), rest[0]) : getSourceFile(name, ...rest);
  const program = ts.createProgram([path], options, host);
  return ts
    .getPreEmitDiagnostics(program, program.getSourceFile(path))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

test("the argument types hold the schema's fields, no more and no less", () => {
  expect(diagnosticsOf("args.ts")).toEqual([]);
});

test("an argument that the schema lacks, or that it has of another type, would show", () => {
  const without = diagnosticsOf("args.ts", (text) => text.replace('type Hidden = "', 'type Hidden = "seed" | "'));
  expect(without.join()).toContain("does not satisfy the constraint 'true'");
  const retyped = diagnosticsOf("args.ts", (text) =>
    text.replace("type Fields = ", "type Fields = { seed?: string } & Omit<TaskInputs, 'seed'> & "),
  );
  expect(retyped.join()).toContain("does not satisfy the constraint 'true'");
});
