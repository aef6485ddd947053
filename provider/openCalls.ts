import type { Cancellation } from "./lifecycle/context";
import { TencentAigcError } from "./vod/errors";

/** How long an answer that is on its way is waited for after a Cancel. */
const cutOffMs = 1_000;

/** The verbs under way that ask the service for something. A Cancel of the engine ends them. */
export class OpenCalls {
  readonly cancellation: Cancellation;
  private readonly cancelled = new AbortController();
  private readonly cutOff = new AbortController();
  private open = 0;
  private heardCancel = false;
  private waitingForIdle: (() => void)[] = [];

  /** @param atEnd tells what is to be told before a Cancel is answered; `isOver`, where nothing is under way any more */
  constructor(private readonly atEnd: (isOver: boolean) => Promise<void>) {
    this.cancellation = { cancelled: this.cancelled.signal, cutOff: this.cutOff.signal };
  }

  get isIdle(): boolean {
    return this.open === 0;
  }

  /** Runs a verb. A Cancel ends it, also one that came just before it. */
  async cancellable<T>(verb: () => Promise<T>): Promise<T> {
    // It was on its way when the user cancelled.
    if (this.heardCancel) this.cancel();
    this.open++;
    try {
      return await verb();
    } finally {
      this.open--;
      if (this.isIdle) {
        for (const goOn of this.waitingForIdle) goOn();
        this.waitingForIdle = [];
      }
    }
  }

  /**
   * A Cancel has come. The engine also sends it when an operation has ended: then there is nothing to end. Settles once
   * what was under way has ended, and all is told.
   */
  async hearCancel(): Promise<void> {
    this.heardCancel = true;
    const wasUnderWay = !this.isIdle;
    if (wasUnderWay) this.cancel();
    // What was cancelled ends within a moment, and is told with the rest.
    await this.idle();
    await this.atEnd(!wasUnderWay);
  }

  private cancel(): void {
    if (this.cancelled.signal.aborted) return;
    const reason = cancelledError();
    this.cancelled.abort(reason);
    setTimeout(() => this.cutOff.abort(reason), cutOffMs);
  }

  private idle(): Promise<void> {
    return this.isIdle ? Promise.resolve() : new Promise((resolve) => this.waitingForIdle.push(resolve));
  }
}

/** Why a call ended that a Cancel has ended. */
export function cancelledError(): TencentAigcError {
  return new TencentAigcError("The update was cancelled.", {
    billed: "no",
    nextStep: "Nothing more was sent; the next `pulumi up` goes on.",
  });
}
