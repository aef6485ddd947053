import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type Emulator, startEmulator } from "../../emulator";
import { ProviderGoneError } from "../../engine/providerPort";
import { type EngineServer, startEngine } from "../support/engine";
import { type Host, registered, startHost, urnOf } from "../support/host";
import { subAppId } from "./program";

/** Longer than the provider waits before it takes an engine for gone. */
const pausedMs = 14_000;

// What the model cannot reach in threads: what belongs to a process, or to several of one update.

test("a paused engine does not end the work of another package in the same host", { timeout: 60_000 }, async () => {
  const engine = await startEngine();
  const pause = await pausable(engine);
  const emulator = await emulatorForTest();
  const host = await hostOn(emulator, { ...engine, address: pause.address });
  // The engine has answered once.
  await host.check({}, taskNamed("hero"));
  const folder = mkdtempSync(join(tmpdir(), "aigc-other-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const ready = join(folder, "ready");
  const other = host.create({ __provider: otherPackage(ready) }).then(({ id }) => id, String);
  pause.silence();
  const resumed = new Promise<void>((resolve) => setTimeout(resolve, pausedMs));
  await Promise.race([resumed, host.exited]);
  pause.resume();
  writeFileSync(ready, "");
  expect(await other).toBe("other");
});

test("one update has one guard, however many provider processes it has", { timeout: 60_000 }, async () => {
  const emulator = await emulatorForTest();
  const engine = await startEngine();
  const config = { "tencent-aigc:maxImagesPerUpdate": "1" };
  const hosts = [await hostOn(emulator, engine, config), await hostOn(emulator, engine, config)];
  for (const [index, host] of hosts.entries()) {
    const { inputs, failures } = await host.check({}, taskNamed(`hero-${index}`));
    if (failures.length === 0) await host.create(inputs).catch((error) => notGone(error));
  }
  expect(emulator.ledger().billedImages).toBe(1);
});

function notGone(error: unknown): void {
  if (error instanceof ProviderGoneError) throw error;
}

async function emulatorForTest(): Promise<Emulator> {
  const emulator = await startEmulator({ taskSeconds: 0.01, concurrency: 100, submitsPerSecond: 1_000 });
  onTestFinished(() => emulator.close());
  return emulator;
}

async function hostOn(emulator: Emulator, engine: EngineServer, config: Record<string, string> = {}): Promise<Host> {
  const host = await startHost({
    engine,
    config,
    env: {
      TENCENT_AIGC_ENDPOINT: emulator.url,
      TENCENT_AIGC_EMULATOR_SPEED: "100",
      TENCENTCLOUD_SECRET_ID: emulator.secretId,
      TENCENTCLOUD_SECRET_KEY: emulator.secretKey,
    },
  });
  onTestFinished(() => host.kill());
  return host;
}

function taskNamed(name: string) {
  const args = { subAppId, modelName: "OG", modelVersion: "image2_low", prompt: `a lighthouse called ${name}` };
  return registered(urnOf(name), args);
}

/** A dynamic resource that is created once a file is there. */
function otherPackage(file: string): string {
  const create = `async create(){const fs=require("node:fs");while(!fs.existsSync(${JSON.stringify(file)}))await new Promise(r=>setTimeout(r,50));return{id:"other",outs:{}}}`;
  return `exports.handler=()=>({${create}})`;
}

/** A way to an engine on which nothing goes either way while it is paused; connections stay open. */
async function pausable({ address }: EngineServer) {
  const port = Number(address.split(":").at(-1));
  const sockets = new Set<Socket>();
  let silent = false;
  const server = createServer((from) => {
    const to = connect(port, "127.0.0.1");
    from.pipe(to).pipe(from);
    for (const socket of [from, to]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
      if (silent) socket.pause();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const listening = server.address();
  if (listening === null || typeof listening === "string") throw new Error("the way to the engine has no port");
  return {
    address: `127.0.0.1:${listening.port}`,
    silence() {
      silent = true;
      for (const socket of sockets) socket.pause();
    },
    resume() {
      silent = false;
      for (const socket of sockets) socket.resume();
    },
  };
}
