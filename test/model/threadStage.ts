import { InProcessEngine, type InProcessRun, MemoryStore } from "../../engine/inProcess";
import type { CrashPoint } from "./cases";
import type { Setting } from "./commands";
import { Machine } from "./machine";
import { projectName } from "./program";
import { ProviderThreads, providerPort } from "./provider";
import { Service } from "./service";
import type { Ended, Entry, Operation, Stage } from "./stage";

/** Divides the provider's own waits, so that none takes real time. */
const speed = 1_000;

/** A stage whose engine runs here and whose provider runs in a thread; both die together at a crash. */
export class ThreadStage implements Stage {
  readonly service = new Service();
  private readonly machine = new Machine();
  private store = new MemoryStore();
  private readonly threads = new ProviderThreads();

  private slots = 1;

  async begin({ concurrency, slots, behaviours }: Setting): Promise<void> {
    this.slots = slots;
    await this.service.begin({ concurrency }, behaviours);
    this.store = new MemoryStore();
    this.machine.replace();
    this.machine.takeBill();
  }

  async state(): Promise<Entry[]> {
    return this.store.load().resources.filter(({ type }) => type.endsWith(":AigcImageTask"));
  }

  async loseState(): Promise<void> {
    this.store = new MemoryStore();
  }

  replaceMachine = () => this.machine.replace();
  journal = () => this.machine.journal();
  takeBill = () => this.machine.takeBill();

  async operate(operation: Operation, crash?: CrashPoint, reached?: Promise<true>): Promise<Ended> {
    const { thread } = this.threads;
    const stood = new Promise<true>((resolve) => thread.on("reached", () => resolve(true)));
    const settings = { env: this.env(), shift: this.service.shift, kill: crash };
    const engine = new InProcessEngine({
      loadProvider: async () => providerPort(thread, settings),
      store: this.store,
      project: projectName,
      config: { "tencent-aigc:maxConcurrentTasks": String(this.slots) },
    });
    const ended = run(engine, operation);
    const first = await Promise.race([ended, stood, ...(reached ? [reached] : [])]);
    this.machine.date(this.service.shift);
    if (first !== true) {
      const { failed, changes, errors } = first;
      return { crashed: false, failed, errors, changes: Object.keys(changes).filter((change) => change !== "same") };
    }
    this.store = this.store.crash();
    await this.threads.kill();
    await this.service.quiet();
    return { crashed: true };
  }

  async endProcess(): Promise<void> {
    await this.threads.thread.call("endProcess");
    await this.service.quiet();
  }

  async end(): Promise<void> {
    await this.threads.end();
    this.machine.remove();
    await this.service.end();
  }

  private env(): Record<string, string> {
    const { url, secretId, secretKey } = this.service.address;
    return {
      ...this.machine.env(),
      TENCENT_AIGC_ENDPOINT: url,
      TENCENTCLOUD_SECRET_ID: secretId,
      TENCENTCLOUD_SECRET_KEY: secretKey,
      TENCENT_AIGC_EMULATOR_SPEED: String(speed),
    };
  }
}

function run(engine: InProcessEngine, operation: Operation): Promise<InProcessRun> {
  switch (operation.kind) {
    case "up":
    case "preview":
      return engine[operation.kind](operation.program.run, { replace: [...operation.replace] });
    default:
      return engine[operation.kind]();
  }
}
