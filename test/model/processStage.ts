import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Behaviours, Fault, Ledger } from "../../emulator";
import { Store } from "../../emulator/store";
import { type Engine, openWorld, type World } from "../scenarios/world";
import type { CrashPoint } from "./cases";
import type { Setting } from "./commands";
import { billIn, textIn } from "./machine";
import { subAppId } from "./program";
import { keepRequests, requestOf } from "./requests";
import type { BillLine, Condition, Ended, Entry, Operation, Stage } from "./stage";

const create = "CreateAigcImageTask";
const defaultGuard = 100;

keepRequests(Store as never);

/**
 * A stage on real processes: program, engine and provider each have their own, and an `up` that is killed is killed. It
 * has one stack, and the machine's clock is the real one.
 */
export class ProcessStage implements Stage {
  private shiftMs = 0;
  private guard = defaultGuard;

  private constructor(
    private readonly world: World,
    private readonly bill: string,
  ) {}

  /** For the running test, which ends it. */
  static async open(engine: Engine, { concurrency, behaviours }: Setting, bill: string): Promise<ProcessStage> {
    const world = await openWorld(engine, {
      emulator: { concurrency, taskSeconds: 0.01 },
      env: { TENCENT_AIGC_EMULATOR_SPEED: "500", TENCENT_AIGC_BILL_FILE: bill },
    });
    world.emulator.behaviour(behaviours);
    return new ProcessStage(world, bill);
  }

  get service(): Stage["service"] {
    const { emulator } = this.world;
    return {
      now: () => Date.now() + this.shiftMs,
      advance: async (hours) => {
        this.shiftMs += hours * 3_600_000;
        emulator.advance(hours * 3_600);
      },
      ledger: async () => {
        const ledger = emulator.ledger();
        return { ...ledger, tasks: ledger.tasks.map((task) => ({ ...task, request: requestOf(task.taskId) })) };
      },
      fault: async (faults: readonly Fault[]) => emulator.fault([...faults]),
      clearFaults: async () => emulator.clearFaults(),
      behaviour: async (values: Partial<Behaviours>) => emulator.behaviour(values),
      deleteMedia: async (fileId) => emulator.deleteMedia(fileId),
      crowd: async (prefix, count) => {
        for (let index = 0; index < count; index++) emulator.addMedia({ subAppId, name: `${prefix}-${index}` });
      },
      waitFor: (condition) => emulator.waitUntil((ledger) => holds(condition, ledger), 600_000).then(() => true),
      hold: async () => undefined,
      // What a killed engine leaves behind may still ask after its task; it may not send another.
      requestsIn: ({ requests }) => requests[create] ?? 0,
    };
  }

  async begin(): Promise<void> {}

  async endProcess(): Promise<void> {}

  async state(): Promise<Entry[]> {
    const resources = (await this.world.resources()) as unknown as Partial<Entry>[];
    return resources.map((resource) => ({
      urn: "",
      id: "",
      inputs: {},
      outputs: undefined,
      initErrors: [],
      delete: false,
      ...resource,
    }));
  }

  loseState = () => this.world.loseState();

  replaceMachine(): void {
    rmSync(this.home, { recursive: true, force: true });
    mkdirSync(this.home, { recursive: true });
  }

  /** The machine's clock is the real one. */
  async setClock(): Promise<void> {}

  /** Only what is held can be cancelled, and here nothing is. */
  async cancel(): Promise<void> {}

  journalText = () => textIn(join(this.home, "pulumi-tencent-aigc"));

  takeBill = (): BillLine[] => billIn(this.bill);

  async operate(_stack: number, operation: Operation, crash?: CrashPoint, reached?: Promise<true>): Promise<Ended> {
    if ("program" in operation) {
      this.world.declare(...operation.program.declared(0));
      const guard = operation.guard ?? defaultGuard;
      if (guard !== this.guard) await this.world.setConfig("tencent-aigc:maxImagesPerUpdate", String(guard));
      this.guard = guard;
    }
    if (crash !== undefined && reached !== undefined) return this.killed(reached);
    const extra = "program" in operation && operation.replace.length > 0 ? { replace: [...operation.replace] } : {};
    const { kind } = operation;
    try {
      const { changes } = await this.run(kind, extra);
      return { crashed: false, failed: false, errors: [], changes: Object.keys(changes).filter((op) => op !== "same") };
    } catch (error) {
      if ((error as { text?: string }).text === undefined) throw error;
      return { crashed: false, failed: true, errors: [], changes: [] };
    }
  }

  private run(kind: Operation["kind"], extra: object) {
    return kind === "up" || kind === "preview" ? this.world[kind](extra) : this.world[kind]();
  }

  private async killed(reached: Promise<true>): Promise<Ended> {
    const update = this.world.spawnUp();
    const first = await Promise.race([reached, update.ended]);
    if (first !== true) return { crashed: false, failed: update.child.exitCode !== 0, errors: [], changes: [] };
    await update.kill("SIGKILL");
    await this.world.clearLock();
    return { crashed: true };
  }

  private get home(): string {
    return join(this.world.folder, "state");
  }
}

function holds(condition: Condition, ledger: Ledger): boolean {
  return condition.kind === "tasks"
    ? ledger.tasks.length >= condition.atLeast
    : (ledger.requests[condition.action] ?? 0) >= condition.atLeast;
}
