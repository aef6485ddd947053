import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished } from "vitest";
import { type Emulator, type EmulatorOptions, type LedgerTask, startEmulator } from "../../emulator";
import { defaultBehaviours } from "../../emulator/behaviours";
import { countFaults, tellCase } from "./cases";
import { type Host, type HostOptions, startHost } from "./host";

/** The service, and machines whose provider processes use it. */
export interface World {
  readonly emulator: Emulator;
  /** The one process of the update under way; started when first asked for, and again after `restart`. */
  host(): Promise<Host>;
  /** Ends the process as the engine does, so that the next verb runs in a new one, as in every `pulumi` command. */
  restart(changes?: Changes): Promise<void>;
  /** Where this machine keeps its journal. */
  journalDir(): string;
  /** What a process on this machine is started with. */
  settings(): HostSettings;
}

/** What a process is started with. */
export type HostSettings = Required<Pick<HostOptions, "config" | "env">> & Pick<HostOptions, "packageDirectory">;

export interface Changes {
  /** Added to the stack's config; `undefined` takes a key away. */
  config?: Record<string, string | undefined>;
  /** Added to the environment; `undefined` takes a variable away. */
  env?: Record<string, string | undefined>;
  /** Another machine: an empty journal. */
  newMachine?: boolean;
  /** Another build of the package; `undefined` is this one. */
  packageDirectory?: string | undefined;
}

export interface WorldOptions extends Changes {
  emulator?: EmulatorOptions;
  /** Divides the provider's own waits. @default 200 */
  speed?: number;
}

/** Tasks end fast and the service takes as much as is sent, unless a test says otherwise. */
const patientService: EmulatorOptions = {
  concurrency: 1_000,
  taskSeconds: 0.05,
  submitsPerSecond: 1_000_000,
  readsPerSecond: 1_000_000,
};

/** A world of the running test's own. */
export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const { world, close } = await createWorld(options);
  onTestFinished(close);
  return world;
}

/**
 * One world for the tests of a file, for those that only need resources of their own. Each begins without faults, with
 * the default behaviours and a ledger that counts from there; time goes on from test to test.
 */
export function sharedWorld(options: WorldOptions = {}): World {
  const config = { "tencent-aigc:maxConcurrentTasks": "1000", "tencent-aigc:maxImagesPerUpdate": "100000" };
  let created: Awaited<ReturnType<typeof createWorld>> | undefined;
  beforeAll(async () => {
    created = await createWorld({ ...options, config: { ...config, ...options.config } });
  });
  beforeEach(() => {
    const { emulator } = world;
    emulator.clearFaults();
    emulator.behaviour(defaultBehaviours());
    beginnings.set(emulator, emulator.ledger());
  });
  afterAll(() => created?.close());
  const opened = () => {
    if (!created) throw new Error("a shared world is there only while tests run");
    return created.world;
  };
  const world: World = {
    get emulator() {
      return opened().emulator;
    },
    host: () => opened().host(),
    restart: (changes) => opened().restart(changes),
    journalDir: () => opened().journalDir(),
    settings: () => opened().settings(),
  };
  return world;
}

async function createWorld(options: WorldOptions): Promise<{ world: World; close: () => Promise<void> }> {
  const emulator = countFaults(await startEmulator({ ...patientService, ...options.emulator }));
  const machines: string[] = [];
  let config: Record<string, string | undefined> = {};
  let env: Record<string, string | undefined> = {
    TENCENT_AIGC_ENDPOINT: emulator.url,
    TENCENTCLOUD_SECRET_ID: emulator.secretId,
    TENCENTCLOUD_SECRET_KEY: emulator.secretKey,
    TENCENT_AIGC_EMULATOR_SPEED: String(options.speed ?? 200),
  };
  let packageDirectory: string | undefined;
  const apply = (changes: Changes) => {
    if ("packageDirectory" in changes) packageDirectory = changes.packageDirectory;
    config = { ...config, ...changes.config };
    env = { ...env, ...changes.env };
    if (changes.newMachine) machines.push(mkdtempSync(join(tmpdir(), "aigc-machine-")));
  };
  apply({ ...options, newMachine: true });
  const machine = () => machines.at(-1) as string;
  const settings = (): HostSettings => ({
    config: defined(config),
    env: { ...defined(env), XDG_STATE_HOME: machine() },
    ...(packageDirectory === undefined ? {} : { packageDirectory }),
  });
  let host: Promise<Host> | undefined;
  const end = async (how: "end" | "kill") => {
    const ending = host;
    host = undefined;
    await (await ending)?.[how]();
  };
  const world: World = {
    emulator,
    host() {
      host ??= startHost(settings());
      return host;
    },
    async restart(changes = {}) {
      await end("end");
      apply(changes);
    },
    journalDir: () => join(machine(), "pulumi-tencent-aigc"),
    settings,
  };
  const close = async () => {
    await end("kill");
    await emulator.close();
    await Promise.all(machines.map((directory) => rm(directory, { recursive: true, force: true })));
  };
  return { world, close };
}

/** What each ledger held when the running test began. */
const beginnings = new WeakMap<Emulator, ReturnType<Emulator["ledger"]>>();

type Ledgered = Emulator | Pick<World, "emulator">;

const emulatorOf = (ledgered: Ledgered) => ("emulator" in ledgered ? ledgered.emulator : ledgered);

/** Tasks that were accepted since the running test began. */
export function tasks(of: Ledgered): LedgerTask[] {
  const emulator = emulatorOf(of);
  return emulator.ledger().tasks.slice(beginnings.get(emulator)?.tasks.length ?? 0);
}

/** Requests that arrived since then, of one action or of all. */
export function requests(of: Ledgered, action?: string): number {
  const emulator = emulatorOf(of);
  const count = (counts: Record<string, number> = {}) =>
    action === undefined ? Object.values(counts).reduce((sum, each) => sum + each, 0) : (counts[action] ?? 0);
  return count(emulator.ledger().requests) - count(beginnings.get(emulator)?.requests);
}

/** No intention is billed twice, and every bill can be traced. Both numbers are written by hand. */
export function expectLedger(of: Ledgered, { billed, intended }: { billed: number; intended: number }): void {
  expect(billed, "a test that expects more bills than intentions is wrong").toBeLessThanOrEqual(intended);
  const bills = tasks(of).filter((task) => task.billed);
  expect(bills.length, "billed").toBe(billed);
  const sessions = bills.map((task) => task.sessionId);
  expect(sessions, "every billed task can be found by its SessionId").not.toContain("");
  expect(new Set(sessions).size, "no SessionId is billed twice").toBe(sessions.length);
  tellCase({ billed, intended, reachable: sessions.length });
}

function defined(values: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
