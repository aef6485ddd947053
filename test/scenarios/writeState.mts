/**
 * Writes the state that this version leaves, for the test that no later version changes it:
 *
 *     node scripts/setup.mjs && node test/scenarios/writeState.mts test/scenarios/states/next.json && npm run format
 *
 * `next.json` is renamed to the version when that is published, and never written again.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startEmulator } from "pulumi-tencent-aigc/emulator";
import { CommandError, EmbeddedStack } from "pulumi-tencent-aigc/testing";

const [, , file] = process.argv;
if (file === undefined) throw new Error("name the file to write");

const subAppId = 1500000001;
const picture = (prompt: unknown) => ({ subAppId, modelName: "GG", modelVersion: "3.0", prompt });
const create = "CreateAigcImageTask";

const finished = [
  { name: "plain", args: picture("a red car") },
  { name: "secretive", args: picture({ secret: "a secret car" }) },
  {
    name: "named",
    component: "gallery",
    args: {
      ...picture("a named car"),
      outputConfig: { mediaName: "hero", classId: 3, expireTime: "2099-01-01T00:00:00Z", resolution: "2K" },
      negativePrompt: "rain",
      seed: 7,
      keepers: { round: 1, nested: { deep: [1, 2] } },
      sessionScope: "catalogue",
    },
  },
  {
    name: "several",
    args: {
      ...picture("four cars"),
      modelName: "OG",
      modelVersion: "image2_low",
      outputConfig: { mediaName: "four", outputImageCount: 4 },
    },
  },
  {
    name: "temporary",
    component: "gallery",
    args: {
      ...picture("a passing car"),
      modelName: "Hunyuan",
      additionalParameters: { size: "1024x768" },
      outputConfig: { storageMode: "Temporary" },
    },
  },
  { name: "own", args: { ...picture("a car of its own"), sessionId: "my-own-session" } },
  {
    name: "drawn",
    args: {
      ...picture("like these"),
      fileInfos: [{ base64: "aGVsbG8=" }, { url: { urlOf: "plain" } }],
      timeoutSeconds: 60,
      sessionContext: "x",
      tasksPriority: 2,
      enhancePrompt: "Enabled",
      inputRegion: "Oversea",
    },
  },
];

const later = (fileId: string) => [{ name: "taken", args: { ...picture("a car taken over"), adoptFileIds: [fileId] } }];

const unfinished = [
  { name: "running", args: { ...picture("a slow car"), timeoutSeconds: 20 } },
  { name: "failed", args: picture("a forbidden car") },
  { name: "unanswered", args: picture("a lost car") },
  { name: "duplicate", args: { ...picture("a car seen twice"), sessionId: "my-duplicate" } },
];

const emulator = await startEmulator({ taskSeconds: 0.05, concurrency: 100, submitsPerSecond: 1_000 });
const folder = mkdtempSync(join(tmpdir(), "aigc-state-"));
try {
  const stack = await EmbeddedStack.createOrSelect({
    stackName: "dev",
    workDir: layOut(join(folder, "program"), finished),
    stateDir: join(folder, "backend"),
    secretsPassphrase: "scenario",
    envVars: {
      TENCENT_AIGC_ENDPOINT: emulator.url,
      TENCENT_AIGC_EMULATOR_SPEED: "200",
      TENCENTCLOUD_SECRET_ID: emulator.secretId,
      TENCENTCLOUD_SECRET_KEY: emulator.secretKey,
      XDG_STATE_HOME: join(folder, "state"),
    },
  });
  await stack.up();
  emulator.behaviour({ tasksInListing: false, filesInSearch: false });
  emulator.fault([
    { kind: "stuck", prompt: "a slow car" },
    { kind: "taskFails", prompt: "a forbidden car", errCodeExt: "InvalidParameter.VoilationContent" },
    { kind: "acceptThenReset", prompt: "a lost car", action: create, times: "always" },
    { kind: "acceptThenReset", prompt: "a car seen twice", action: create },
  ]);
  const [task] = emulator.ledger().tasks;
  const declared = [...finished, ...later(task?.files[0]?.fileId ?? ""), ...unfinished];
  layOut(join(folder, "program"), declared);
  const problem = await stack.up().then(
    () => "everything was ready",
    (error: unknown) => (error instanceof CommandError ? undefined : error),
  );
  if (problem !== undefined) throw problem;
  writeFileSync(resolve(file), JSON.stringify({ declared, state: await stack.exportStack() }));
} finally {
  await emulator.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** A program's folder, with the package and the SDK as its dependencies. */
function layOut(workDir: string, declared: readonly object[]): string {
  const root = resolve(import.meta.dirname, "..", "..");
  const modules = join(workDir, "node_modules");
  rmSync(workDir, { recursive: true, force: true });
  cpSync(join(import.meta.dirname, "program"), workDir, { recursive: true });
  mkdirSync(join(modules, "@pulumi"), { recursive: true });
  symlinkSync(root, join(modules, "pulumi-tencent-aigc"), "junction");
  symlinkSync(join(root, "node_modules", "@pulumi", "pulumi"), join(modules, "@pulumi", "pulumi"), "junction");
  writeFileSync(
    join(workDir, "Pulumi.yaml"),
    "name: scenario\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n",
  );
  writeFileSync(join(workDir, "package.json"), JSON.stringify({ name: "scenario", main: "index.js" }));
  writeFileSync(join(workDir, "declared.json"), JSON.stringify(declared));
  return workDir;
}
