import { InProcessEngine, type InProcessRun, MemoryStore } from "../../engine/inProcess";
import type { CrashPoint } from "./cases";
import type { Setting } from "./commands";
import { Machine } from "./machine";
import { projectName, type StackNumber, stackNames } from "./program";
import { ProviderThreads, providerPort } from "./provider";
import { Service } from "./service";
import type { Ended, Entry, Operation, Stage } from "./stage";

/** Divides the provider's own waits, so that none takes real time. */
const speed = 1_000;

/** One stack: its state, and the thread in which its provider processes run one after the other. */
class StackInThreads {
  store = new MemoryStore();
  readonly threads: ProviderThreads;
  engine: InProcessEngine | undefined;

  constructor(readonly number: StackNumber) {
    this.threads = new ProviderThreads(number);
  }
}

/** A stage whose engines run here and whose providers run in threads; both die together at a crash. */
export class ThreadStage implements Stage {
  readonly service = new Service();
  /** A task that does not end, and a queue behind it, take two time limits at the pace of the machine. */
  get longestMs(): number {
    return 20_000 + 1_200_000 / (this.setting?.speed ?? speed);
  }

  private readonly machines = [new Machine(), new Machine()] as const;
  private readonly stacks: StackInThreads[] = [new StackInThreads(0)];
  private setting: Setting | undefined;

  async begin(setting: Setting): Promise<void> {
    this.setting = setting;
    await this.service.begin({ concurrency: setting.concurrency }, setting.behaviours);
    this.service.moved = () => this.tellTime();
    if (setting.resources === "pair" && this.stacks.length === 1) this.stacks.push(new StackInThreads(1));
    for (const stack of this.stacks) stack.store = new MemoryStore();
    for (const machine of this.machines) machine.replace();
    for (const { number } of this.stacks) this.takeBill(number);
  }

  async state(stack: StackNumber): Promise<Entry[]> {
    return this.of(stack)
      .store.load()
      .resources.filter(({ type }) => type.endsWith(":AigcImageTask"));
  }

  async loseState(stack: StackNumber): Promise<void> {
    this.of(stack).store = new MemoryStore();
  }

  replaceMachine = (stack: StackNumber) => this.machineOf(stack).replace();
  journalText = (stack: StackNumber) => this.machineOf(stack).journalText();
  takeBill = (stack: StackNumber) => this.machineOf(stack).takeBill(stack);

  async setClock(stack: StackNumber, hours: number): Promise<void> {
    this.machineOf(stack).clockAheadMs = hours * 3_600_000;
    await this.tellTime();
  }

  async cancel(stack: StackNumber): Promise<void> {
    const { engine, threads } = this.of(stack);
    engine?.cancel();
    await threads.thread.call("cancel");
  }

  async operate(stack: StackNumber, operation: Operation, crash?: CrashPoint, reached?: Promise<true>): Promise<Ended> {
    const of = this.of(stack);
    const { thread } = of.threads;
    const machine = this.machineOf(stack);
    const stood = new Promise<true>((resolve) => thread.on("reached", () => resolve(true)));
    const settings = { env: this.env(stack), host: machine.name, shift: this.shiftOf(stack), kill: crash };
    const guard = "guard" in operation && operation.guard !== undefined ? { maxImagesPerUpdate: operation.guard } : {};
    const engine = new InProcessEngine({
      loadProvider: async () => providerPort(thread, settings),
      store: of.store,
      project: projectName,
      stack: stackNames[stack],
      config: configured({ maxConcurrentTasks: this.setting?.slots ?? 1, ...guard }),
    });
    of.engine = engine;
    const ended = run(engine, stack, operation);
    const first = await Promise.race([ended, stood, ...(reached ? [reached] : [])]);
    machine.date(this.shiftOf(stack));
    if (first !== true) {
      const { failed, changes, errors } = first;
      await thread.call("finished");
      return { crashed: false, failed, errors, changes: Object.keys(changes).filter((change) => change !== "same") };
    }
    of.store = of.store.crash();
    await of.threads.kill();
    await this.quiet();
    return { crashed: true };
  }

  async endProcess(_stack: StackNumber): Promise<void> {
    await this.quiet();
  }

  async end(): Promise<void> {
    for (const { threads } of this.stacks) await threads.end();
    for (const machine of this.machines) machine.remove();
    await this.service.end();
  }

  /** No process is left, and nothing of any is on its way. */
  private async quiet(): Promise<void> {
    await Promise.all(this.stacks.map(({ threads }) => threads.thread.call("endProcess")));
    await this.service.quiet();
  }

  private of(stack: StackNumber): StackInThreads {
    return this.stacks[stack] as StackInThreads;
  }

  private machineOf(stack: StackNumber): Machine {
    return this.machines[this.setting?.sharedMachine ? 0 : stack];
  }

  private shiftOf(stack: StackNumber): number {
    return this.service.shift + this.machineOf(stack).clockAheadMs;
  }

  private async tellTime(): Promise<void> {
    for (const { number, threads } of this.stacks) await threads.thread.call("setShift", this.shiftOf(number));
  }

  private env(stack: StackNumber): Record<string, string> {
    const { url, secretId, secretKey } = this.service.address;
    const machine = this.machineOf(stack);
    return {
      ...machine.env(),
      TENCENT_AIGC_BILL_FILE: machine.billFile(stack),
      TENCENT_AIGC_ENDPOINT: url,
      TENCENTCLOUD_SECRET_ID: secretId,
      TENCENTCLOUD_SECRET_KEY: secretKey,
      TENCENT_AIGC_EMULATOR_SPEED: String(this.setting?.speed ?? speed),
    };
  }
}

function configured(values: Readonly<Record<string, number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [`tencent-aigc:${key}`, String(value)]));
}

function run(engine: InProcessEngine, stack: StackNumber, operation: Operation): Promise<InProcessRun> {
  switch (operation.kind) {
    case "up":
    case "preview":
      return engine[operation.kind](operation.program.run(stack), { replace: [...operation.replace] });
    default:
      return engine[operation.kind]();
  }
}
