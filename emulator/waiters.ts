import { type Ledger, ledgerOf } from "./ledger";
import type { Service } from "./service";

interface Waiter {
  condition(ledger: Ledger): boolean;
  settle(error?: Error): void;
}

/** Those who wait for the ledger to say something. Nobody is polled: the service says when it changed. */
export class Waiters {
  private readonly waiting = new Set<Waiter>();
  private cancelAlarm: () => void = () => {};
  private pending: NodeJS.Immediate | undefined;

  constructor(private readonly service: Service) {
    service.changed = () => this.look();
  }

  wait(condition: (ledger: Ledger) => boolean, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const { tasks: _, ...sums } = ledgerOf(this.service);
        waiter.settle(
          new Error(`the condition did not hold within ${timeoutMs} ms; the ledger: ${JSON.stringify(sums)}`),
        );
      }, timeoutMs);
      const waiter: Waiter = {
        condition,
        settle: (error) => {
          clearTimeout(timer);
          this.waiting.delete(waiter);
          if (error) reject(error);
          else resolve();
        },
      };
      this.waiting.add(waiter);
      this.look();
    });
  }

  /** Looks at every condition soon; once for all calls of the same turn. */
  private look(): void {
    if (this.waiting.size === 0 || this.pending) return;
    this.pending = setImmediate(() => {
      this.pending = undefined;
      this.check();
    });
  }

  stop(): void {
    clearImmediate(this.pending);
    this.cancelAlarm();
    for (const waiter of this.waiting) waiter.settle(new Error("the emulator was closed"));
  }

  private check(): void {
    const ledger = ledgerOf(this.service);
    for (const waiter of this.waiting) {
      try {
        if (waiter.condition(ledger)) waiter.settle();
      } catch (error) {
        waiter.settle(error as Error);
      }
    }
    this.cancelAlarm();
    const next = this.service.store.schedule.nextFinish();
    if (this.waiting.size > 0 && Number.isFinite(next)) {
      this.cancelAlarm = this.service.clock.at(next, () => this.look());
    }
  }
}
