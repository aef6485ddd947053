import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import ts from "typescript";

/**
 * The engine as JavaScript in a directory, for a process that is to be killed: it must not be the test's own, and must
 * not wait for a build.
 */
export function compileEngine(directory: string): string {
  const source = "engine";
  const target = join(directory, "engine");
  mkdirSync(target, { recursive: true });
  for (const file of readdirSync(source).filter((name) => name.endsWith(".ts"))) {
    const { outputText } = ts.transpileModule(readFileSync(join(source, file), "utf8"), {
      compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023, esModuleInterop: true },
    });
    writeFileSync(join(target, `${basename(file, ".ts")}.js`), outputText);
  }
  return join(target, "embeddedStack.js");
}
