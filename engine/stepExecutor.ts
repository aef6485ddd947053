import type { DeploymentObserver } from "./observer";
import type { ResourceState } from "./resourceState";
import type { SnapshotManager } from "./snapshotManager";
import { type Applied, DeleteProtectedError, type Step, type StepContext } from "./steps";
import { isSecret, makeSecret } from "./values";

export interface ExecutorOptions {
  preview: boolean;
  /** How many operations may run at once. */
  parallel: number;
  /** None in a preview: nothing is kept. */
  snapshotManager?: SnapshotManager;
  observer: DeploymentObserver;
}

/**
 * Runs chains of steps: each chain in order, up to `parallel` chains at once. After a failure no step is started, and
 * those that run are waited for.
 */
export class StepExecutor {
  /** The last successful step of each URN the program may still register outputs for. */
  readonly registered = new Map<string, Step>();
  /** Deletions refused because of `protect`; they fail the deployment, but stop nothing else. */
  readonly protectedSteps: Step[] = [];
  readonly cancelled: Promise<void>;
  sawError = false;

  private readonly running = new Set<Promise<void>>();
  private readonly queue: (() => void)[] = [];
  private resolveCancelled: () => void = () => {};
  private stopped = false;

  constructor(
    private readonly context: StepContext,
    private readonly options: ExecutorOptions,
    private readonly settled: (state: ResourceState) => void,
  ) {
    this.cancelled = new Promise((resolve) => {
      this.resolveCancelled = resolve;
    });
  }

  get isCancelled(): boolean {
    return this.stopped;
  }

  cancel(): void {
    this.stopped = true;
    this.resolveCancelled();
    for (const wake of this.queue.splice(0)) wake();
  }

  /** The same executor, but failures stop nothing: every resource is refreshed. */
  ignoringErrors(): { submit(steps: Step[]): Promise<{ finished: Promise<void> }> } {
    return { submit: (steps) => this.submit(steps, false) };
  }

  /** Resolves when the chain has got a slot, so that planning does not run ahead. */
  async submit(steps: Step[], stopOnError = true): Promise<{ finished: Promise<void> }> {
    while (!this.stopped && this.running.size >= this.options.parallel) {
      await new Promise<void>((resolve) => this.queue.push(resolve));
    }
    if (this.stopped) return { finished: Promise.resolve() };
    const finished = this.runChain(steps, stopOnError).finally(() => {
      this.running.delete(finished);
      this.queue.shift()?.();
    });
    this.running.add(finished);
    return { finished };
  }

  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }

  private async runChain(steps: Step[], stopOnError: boolean): Promise<void> {
    for (const step of steps) {
      if (this.stopped) return;
      if (await this.runStep(step)) continue;
      this.sawError = true;
      if (stopOnError && !this.protectedSteps.includes(step)) this.cancel();
      return;
    }
  }

  private async runStep(step: Step): Promise<boolean> {
    const { observer, snapshotManager } = this.options;
    observer.stepStarted(step);
    try {
      const end = await snapshotManager?.begin(step);
      let applied: Applied = {};
      let failure: unknown;
      try {
        applied = await step.apply(this.context);
        failure = applied.partialFailure;
      } catch (error) {
        failure = error;
      }
      const kept = failure === undefined || applied.partialFailure !== undefined;
      if (kept && step.new_) this.settle(step, step.new_, failure === undefined);
      if (failure !== undefined) this.reportFailure(step, failure);
      await end?.(kept);
      if (failure !== undefined) return false;
      observer.stepDone(step);
      applied.complete?.();
      return true;
    } catch (error) {
      // Only writing the state can fail here; without it the results of further steps would be lost.
      observer.diagnostic("error", step.urn, `could not save the state: ${String(error)}`);
      this.cancel();
      return false;
    }
  }

  private settle(step: Step, state: ResourceState, succeeded: boolean): void {
    if (step.op === "replace") return;
    markSecretOutputs(state);
    this.settled(state);
    if (succeeded) this.registered.set(step.urn, step);
  }

  private reportFailure(step: Step, failure: unknown): void {
    const { observer, preview } = this.options;
    const message = failure instanceof Error ? failure.message : String(failure);
    if (failure instanceof DeleteProtectedError) this.protectedSteps.push(step);
    observer.diagnostic("error", step.urn, preview ? `Preview failed: ${message}` : message);
    observer.stepFailed(step);
  }
}

/** Outputs the program declared secret, and outputs under the key of a secret input. */
function markSecretOutputs(state: ResourceState): void {
  const { outputs, inputs } = state;
  if (!outputs) return;
  for (const key of state.additionalSecretOutputs) {
    const value = outputs[key];
    if (key !== "id" && value !== undefined) outputs[key] = makeSecret(value);
  }
  for (const [key, value] of Object.entries(outputs)) {
    if (isSecret(inputs[key])) outputs[key] = makeSecret(value);
  }
}
