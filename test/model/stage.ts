import type { Behaviours, Fault, Ledger } from "../../emulator";
import type { PropertyMap } from "../../engine/values";
import type { CreateAigcImageTaskRequest } from "../../provider/vod/wire";
import type { CrashPoint } from "./cases";
import type { HoldPoint, Setting } from "./commands";
import type { Program, StackNumber } from "./program";

/** A resource as it is in state. */
export interface Entry {
  readonly urn: string;
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap | undefined;
  readonly initErrors: readonly string[];
  /** Replaced, and still to be deleted. */
  readonly delete: boolean;
}

/** A line of what an update says it may bill. */
export interface BillLine {
  readonly urn: string;
  readonly images: number;
  readonly attempt?: number;
}

/** A task of the ledger, with the request it was made from. */
export type SentTask = Ledger["tasks"][number] & { readonly request: CreateAigcImageTaskRequest };

export type LedgerOfTasks = Omit<Ledger, "tasks"> & { readonly tasks: readonly SentTask[] };

/** What an operation is started with, besides its stack. */
export type Operation =
  | {
      readonly kind: "up" | "preview";
      readonly program: Program;
      readonly replace: readonly string[];
      /** `maxImagesPerUpdate`. */
      readonly guard?: number | undefined;
    }
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

/** A request that the service holds back. */
export interface Hold {
  readonly reached: Promise<true>;
  release(): Promise<void>;
}

/** One service, and the stacks that are deployed to it, each from a machine. */
export interface Stage {
  /** How long an operation may take in real time, where that is known (ms). */
  readonly longestMs?: number;
  /** Everything anew. */
  begin(setting: Setting): Promise<void>;
  /** Whatever the last update left behind ends. */
  endProcess(stack: StackNumber): Promise<void>;
  readonly service: {
    /** The service's time (ms). */
    now(): number;
    /** Moves the service's time and that of every machine, also under an operation. */
    advance(hours: number): Promise<void>;
    ledger(): Promise<LedgerOfTasks>;
    fault(faults: readonly Fault[]): Promise<void>;
    clearFaults(): Promise<void>;
    behaviour(values: Partial<Behaviours>): Promise<void>;
    deleteMedia(fileId: string): Promise<void>;
    /** Files of others, whose names begin with this text. */
    crowd(prefix: string, count: number): Promise<void>;
    waitFor(condition: Condition): Promise<true>;
    /** Holds the next request or answer of this point, where that can be done. */
    hold(point: HoldPoint): Promise<Hold | undefined>;
    /** How many requests there were that only an update under way can send. */
    requestsIn(ledger: Pick<Ledger, "requests">): number;
  };
  /** State as an engine that starts now finds it. */
  state(stack: StackNumber): Promise<readonly Entry[]>;
  loseState(stack: StackNumber): Promise<void>;
  /** Another machine, with nothing on it. */
  replaceMachine(stack: StackNumber): void;
  /** By how much a machine's clock differs from the service's (hours), from now on, also under an operation. */
  setClock(stack: StackNumber, hours: number): Promise<void>;
  /** Everything that provider processes wrote on a machine. */
  journalText(stack: StackNumber): string;
  /** What the last update said it may bill; forgets it. */
  takeBill(stack: StackNumber): readonly BillLine[];
  /** ^C: the engine starts nothing more, and tells its providers. */
  cancel(stack: StackNumber): Promise<void>;
  /**
   * @param crash where the provider stops, and is then killed together with the engine
   * @param reached says so, for points that only the service can see
   */
  operate(stack: StackNumber, operation: Operation, crash?: CrashPoint, reached?: Promise<true>): Promise<Ended>;
}
