import { join } from "node:path";
import type { Behaviours, EmulatorOptions, Fault, Ledger } from "../../emulator";
import type { HoldPoint } from "./commands";
import type { Condition, Hold, LedgerOfTasks, Stage } from "./stage";
import { Thread } from "./thread";

export const dist = join(__dirname, "..", "..", "dist");

interface Address {
  readonly url: string;
  readonly secretId: string;
  readonly secretKey: string;
}

type ServiceOfStage = Stage["service"];

/** What is held at each point. */
const held: Readonly<Record<HoldPoint, { actions: readonly string[]; when: "request" | "answer" }>> = {
  looked: { actions: ["SearchMedia", "DescribeTasks"], when: "answer" },
  sending: { actions: ["CreateAigcImageTask"], when: "request" },
  accepted: { actions: ["CreateAigcImageTask"], when: "answer" },
  waiting: { actions: ["DescribeTaskDetail"], when: "request" },
};

/** The service: an emulator in a thread, in which machine time and the service's time are moved together. */
export class Service implements ServiceOfStage {
  private readonly thread = new Thread(join(__dirname, "threads", "emulator.cjs"), { dist });
  address: Address = { url: "", secretId: "", secretKey: "" };
  /** What is added to the time of every machine (ms). */
  shift = 0;
  /** Tells machines that time was moved. */
  moved: () => Promise<void> = async () => {};

  /** A new service that knows nothing. */
  async begin(options: EmulatorOptions, behaviours: Partial<Behaviours>): Promise<void> {
    this.shift = 0;
    this.address = await this.thread.call<Address>("start", {
      taskSeconds: 0.001,
      submitsPerSecond: 1_000_000,
      readsPerSecond: 1_000_000,
      ...options,
    });
    await this.behaviour(behaviours);
  }

  /** The service's time (ms). */
  now(): number {
    return Date.now() + this.shift;
  }

  async advance(hours: number): Promise<void> {
    this.shift += hours * 3_600_000;
    await this.thread.call("setShift", this.shift);
    await this.moved();
  }

  /** Settles when nothing is on its way any more that a process sent before it ended. */
  async quiet(): Promise<void> {
    await this.thread.call("unconnected");
    let seen = -1;
    for (let equal = 0; equal < 3; ) {
      const sum = this.requestsIn(await this.ledger());
      equal = sum === seen ? equal + 1 : 0;
      seen = sum;
    }
  }

  async hold(point: HoldPoint): Promise<Hold> {
    const number = await this.thread.call<number>("hold", held[point]);
    return {
      reached: this.thread.call<true>("reached", number),
      release: () => this.thread.call("release", number),
    };
  }

  requestsIn({ requests }: Pick<Ledger, "requests">): number {
    return Object.values(requests).reduce((total, count) => total + count, 0);
  }

  ledger = (): Promise<LedgerOfTasks> => this.thread.call("ledger");
  fault = (faults: readonly Fault[]): Promise<void> => this.thread.call("fault", faults);
  clearFaults = (): Promise<void> => this.thread.call("clearFaults");
  behaviour = (values: Partial<Behaviours>): Promise<void> => this.thread.call("behaviour", values);
  deleteMedia = (fileId: string): Promise<void> => this.thread.call("deleteMedia", fileId);
  crowd = (prefix: string, count: number): Promise<void> => this.thread.call("crowd", prefix, count);
  waitFor = (condition: Condition): Promise<true> => this.thread.call("waitFor", condition);
  end = (): Promise<void> => this.thread.kill();
}
