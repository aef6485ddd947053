import { execFile } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import ts from "typescript";
import { expect, test } from "vitest";
import { commands as ourCommands } from "../../command/commands";
import { defaultSecretId, defaultSecretKey } from "../../emulator";
import type { EngineEvent } from "../../engine";
import { expectLedger, requests } from "../support/emulator";
import { blocksOf, documents, read, repository } from "./markdown";
import { deployable, project, transpileOnly } from "./program";

const run = promisify(execFile);

const readme = read("README.md");
const blocks = documents.flatMap((name) =>
  blocksOf(read(name)).map((block) => ({ ...block, where: `${name}:${block.line}` })),
);
/** Programs of the plugin's SDK are compiled where there is one: test/languages/documents.test.ts. */
const programs = blocks.filter(({ language, text }) => language === "ts" && !text.includes("pulumi-tencent-aigc-sdk"));
const commands = blocks
  .filter(({ language }) => language === "sh")
  .flatMap(({ text, where }) =>
    text
      .trimEnd()
      .split("\n")
      .map((command) => ({ command, where })),
  );

/** The one program of the documents that holds this text. */
function programWith(text: string): string {
  const found = programs.filter((program) => program.text.includes(text));
  expect(found, `programs with ${text}`).toHaveLength(1);
  return found[0]?.text as string;
}

/** Whether the script of examples/ci, which its own tests run, has this command with all its options. */
function isDeployed(command: string): boolean {
  const [verb = "", ...words] = command.split(" ");
  const script = read("examples/ci/deploy.sh");
  const options = words.filter((word) => word.startsWith("--"));
  return script.split("\n").some((line) => [`pulumi ${verb} `, ...options].every((part) => line.includes(part)));
}

/** What the compiler says to a reader's file with this text, under a new project's own strictness. */
function diagnosticsOf(text: string): string[] {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    noEmit: true,
    types: ["node"],
  };
  // Only a module may wait at its top.
  const path = join(repository, /^\S.*\bawait\b/m.test(text) ? "snippet.mts" : "snippet.ts");
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => name === path || fileExists.call(host, name);
  host.getSourceFile = (name, ...rest) =>
    name === path ? ts.createSourceFile(name, text, rest[0]) : getSourceFile.call(host, name, ...rest);
  const program = ts.createProgram([path], options, host);
  return ts
    .getPreEmitDiagnostics(program, program.getSourceFile(path))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

test("every block is a program, commands, or a file's text", () => {
  const languages = ["ts", "sh", "text", "json", "yaml", "ini"];
  for (const { language, where } of blocks) expect(languages, where).toContain(language);
  expect(programs.length).toBeGreaterThanOrEqual(3);
});

test("every program compiles as it is", () => {
  for (const { text, where } of programs) expect(diagnosticsOf(text), where).toEqual([]);
  const wrong = programWith('oil painting",\n  outputConfig').replace("prompt:", "promt:");
  expect(diagnosticsOf(wrong).join()).toContain("'promt' does not exist in type 'AigcImageTaskArgs'");
});

test("the first program deploys, bills what its preview says, and bills nothing when it is deployed again", async () => {
  const text = programWith("export const url = hero.url");
  expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(10);
  const { emulator, stack } = await deployable(project(text));
  const rows: string[] = [];
  const onEvent = ({ diagnosticEvent: row }: EngineEvent) => {
    if (row?.ephemeral) rows.push(row.message.trim());
  };
  await stack.preview({ onEvent });
  expect(rows).toContain("bills up to 1 image, GG 3.0");
  expect(requests(emulator)).toBe(0);

  const { outputs } = await stack.up();
  const picture = await fetch(outputs["url"]?.value as string);
  expect(picture.headers.get("content-type")).toBe("image/png");
  const sent = requests(emulator);

  const again = await stack.up();
  expect(again.summary.resourceChanges).toEqual({ same: 2 });
  expect(requests(emulator)).toBe(sent);
  expectLedger(emulator, { billed: 1, intended: 1 });
});

test("another picture is billed, one that is taken over is not", async () => {
  const folder = project(programWith("export const url = hero.url"));
  const { emulator, stack } = await deployable(folder);
  await stack.up();
  const { fileId = "", url } = emulator.ledger().tasks[0]?.files[0] ?? {};
  const text = programWith("keepers: { take: 2 }");
  expect(text).toMatch(/adoptFileIds: \["\d+"\]/);
  writeFileSync(join(folder, "index.ts"), text.replace(/(?<=adoptFileIds: \[")\d+/, fileId));
  const { outputs } = await stack.up();
  expect(outputs["old"]?.value).toBe(url);
  expect(outputs["second"]?.value).not.toBe(url);
  expectLedger(emulator, { billed: 2, intended: 2 });
});

// Older ones read no TypeScript, as the page says.
test.skipIf(!process.features.typescript)("the program that tests the first one runs, and passes", async () => {
  const folder = project(programWith("export const url = hero.url"));
  writeFileSync(join(folder, "picture.mts"), programWith("startEmulator"));
  await run(process.execPath, ["picture.mts"], { cwd: folder, env: { ...process.env, ...transpileOnly } });
});

test("every command is one that there is", async () => {
  const { scripts, version, devDependencies } = JSON.parse(read("package.json"));
  // `npm run bundle` writes it, says test/languages/bundle.test.ts.
  const archive = `pulumi-resource-tencent-aigc-v${version}-linux-amd64.tar.gz`;
  const emulator = await run(process.execPath, [join(repository, "dist", "emulator", "bin.js"), "--help"]);
  const loaded = ourCommands.map(async ({ name, load }) => [name, (await load()).help] as const);
  const help = new Map(await Promise.all(loaded));
  const helpOf: Record<string, (command?: string) => string | undefined> = {
    "tencent-aigc-emulator": () => emulator.stdout,
    "pulumi-tencent-aigc": (name = "") => help.get(name) ?? "",
  };
  const known: Record<string, (rest: string) => boolean> = {
    npm: (rest) =>
      /^(start|test)$/.test(rest)
        ? scripts[rest] !== undefined
        : rest.startsWith("run ")
          ? scripts[rest.slice(4)] !== undefined
          : rest === "pack" || rest.endsWith(`/pulumi-tencent-aigc-${version}.tgz`),
    npx: (rest) => {
      const [command = "", ...options] = rest.split(" ");
      const help = helpOf[command]?.(options[0]);
      if (help === undefined) return devDependencies[command] !== undefined;
      return options.filter((option) => option.startsWith("--")).every((option) => help.includes(option));
    },
    pulumi: (rest) =>
      /^(up|stack export > \S+|config set (--secret |--path )?'?tencent-aigc:\w+\S*.*)$/.test(rest) ||
      /^import tencent-aigc:index:AigcImageTask \w+ \d+(-AigcImageTask-[0-9a-f]{32}t|\/\d+)$/.test(rest) ||
      rest === "package add ./node_modules/pulumi-tencent-aigc/plugin" ||
      rest === `plugin install resource tencent-aigc ${version} --file release/${archive}` ||
      isDeployed(rest),
    export: (rest) => /^[A-Z_]+=\S+$/.test(rest),
  };
  expect(commands.length).toBeGreaterThan(8);
  for (const { command, where } of commands) {
    const [, name = "", rest = ""] = /^(\S+) (.*)$/.exec(command) ?? [];
    expect(known[name]?.(rest), `${where}: ${command}`).toBe(true);
  }
  const inText = [...readme.matchAll(/`npm (?:run )?(\w+)[^`]*`/g)].map(([, name = ""]) => name);
  for (const name of inText.filter((each) => each !== "pack")) expect(scripts, `\`npm ${name}\``).toHaveProperty(name);
});

test("the emulator's keys are the ones that it has", () => {
  const document = read("docs/emulator.md");
  expect(document).toContain(`TENCENTCLOUD_SECRET_ID=${defaultSecretId}\n`);
  expect(document).toContain(`TENCENTCLOUD_SECRET_KEY=${defaultSecretKey}\n`);
});

test("every link into the repository leads to something", () => {
  for (const name of documents) {
    const links = [...read(name).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
    for (const link of links.filter((target) => !target.startsWith("https://"))) {
      const [path = "", anchor] = link.split("#");
      const file = path === "" ? name : join(dirname(name), path);
      expect(existsSync(join(repository, file)), `${name} links to ${link}`).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(read(file)), `${name} links to ${link}`).toContain(anchor);
    }
  }
});

test("every page is led to from the README, and every code file that a page names is there", () => {
  for (const name of documents.slice(1)) expect(readme, name).toContain(`](${name})`);
  const named = [...read("docs/architecture.md").matchAll(/ (provider\/[\w/.]+)/g)].map(([, path = ""]) => path);
  expect(named.length).toBeGreaterThan(6);
  for (const path of named) expect(existsSync(join(repository, path)), path).toBe(true);
});

/** What a page's headings are called in links to them, as GitHub makes it of their text. */
function anchorsOf(page: string): string[] {
  const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, text = ""]) => text);
  return headings.map((text) =>
    text
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}

test("the transcript of a killed update shows one task, and is what a scenario does", () => {
  const transcript = blocks.find(({ text }) => text.includes("kill -9"))?.text ?? "";
  const taskIds = [...transcript.matchAll(/\d+-AigcImageTask-\w+/g)].map(([taskId]) => taskId);
  expect(taskIds.length).toBeGreaterThan(3);
  expect(new Set(taskIds).size).toBe(1);
  expect(transcript).toContain('{"billed":1,"billedImages":1,');
  const scenarios = readFileSync(join(repository, "test", "scenarios", "lifecycle.test.ts"), "utf8");
  expect(scenarios).toContain("kill -9 in the middle of waiting, then `up`: the same task, billed once");
});
