import type { Behaviours, Fault, Ledger } from "../../emulator";
import type { PropertyMap } from "../../engine/values";
import type { CrashPoint } from "./cases";
import type { Setting } from "./commands";
import type { Program } from "./program";

/** A resource as it stands in state. */
export interface Entry {
  readonly urn: string;
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap | undefined;
  readonly initErrors: readonly string[];
  /** Replaced, and still to be deleted. */
  readonly delete: boolean;
}

/** One submission as the journal of a machine tells it. */
export interface Journaled {
  readonly sessionId: string;
  /** When its intent was first written (ms). */
  readonly intentAt: number;
  taskId?: string;
  settled?: boolean;
  refused?: boolean;
}

/** A line of what an update says it may bill. */
export interface BillLine {
  readonly urn: string;
  readonly images: number;
  readonly attempt?: number;
}

export type Operation =
  | { readonly kind: "up" | "preview"; readonly program: Program; readonly replace: readonly string[] }
  | { readonly kind: "refresh" | "destroy" };

/** What became of an operation. */
export type Ended =
  | { readonly crashed: true }
  | {
      readonly crashed: false;
      readonly failed: boolean;
      /** Operations that were no `same`. */
      readonly changes: readonly string[];
      readonly errors: readonly string[];
    };

export type Condition = { kind: "tasks"; atLeast: number } | { kind: "requests"; action: string; atLeast: number };

/** One service, and one stack that is deployed to it. */
export interface Stage {
  /** Everything anew. */
  begin(setting: Setting): Promise<void>;
  /** Whatever the last update left behind ends. */
  endProcess(): Promise<void>;
  readonly service: {
    /** The service's time (ms). */
    now(): number;
    advance(hours: number): Promise<void>;
    ledger(): Promise<Ledger>;
    fault(faults: readonly Fault[]): Promise<void>;
    clearFaults(): Promise<void>;
    behaviour(values: Partial<Behaviours>): Promise<void>;
    deleteMedia(fileId: string): Promise<void>;
    waitFor(condition: Condition): Promise<true>;
    /** How many requests there were that only an update under way can send. */
    requestsIn(ledger: Pick<Ledger, "requests">): number;
  };
  /** State as an engine that starts now finds it. */
  state(): Promise<readonly Entry[]>;
  loseState(): Promise<void>;
  /** Another machine, with nothing on it. */
  replaceMachine(): void;
  journal(): readonly Journaled[];
  /** What the last update said it may bill; forgets it. */
  takeBill(): readonly BillLine[];
  /**
   * @param crash where the provider stands still, and is then killed together with the engine
   * @param reached says so, for points that only the service can see
   */
  operate(operation: Operation, crash?: CrashPoint, reached?: Promise<true>): Promise<Ended>;
}
