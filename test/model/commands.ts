import type { Behaviours } from "../../emulator";
import type { CrashPoint, RefreshFault, UpFault, UpKind } from "./cases";
import type { Edit } from "./program";

/** Where an operation is held, so that something can happen meanwhile. */
export const holdPoints = ["looked", "sending", "accepted", "waiting"] as const;
/**
 * - `looked`: the answer of a look (SearchMedia, DescribeTasks) is on its way
 * - `sending`: a submit has been signed and sent, and the service has not looked at it
 * - `accepted`: a submit has been answered, and the answer is on its way
 * - `waiting`: a look at a task is on its way
 */
export type HoldPoint = (typeof holdPoints)[number];

/** What happens while an operation is held. */
export type Meanwhile =
  /** Time passes, or the machine is suspended. */
  | { hoursPass: number }
  /** The machine's clock is set to that many hours beside the service's. */
  | { clockAt: number }
  /** The other stack is updated from beginning to end. */
  | { otherStack: true }
  /** ^C. */
  | { cancel: true };

export interface Meeting {
  readonly at: HoldPoint;
  readonly meanwhile: Meanwhile;
}

/** One thing that happens to a stack. `who` names a resource, and with it a stack and a machine. */
export type Command =
  | { do: UpKind; who: number; fault?: UpFault; crash?: CrashPoint; meeting?: Meeting; guard?: number }
  | { do: "preview"; who?: number; crash?: CrashPoint }
  | { do: "refresh"; who?: number; fault?: RefreshFault; crash?: CrashPoint }
  | { do: "destroy"; who?: number; crash?: CrashPoint }
  | { do: Edit; who: number }
  /** Takes over the newest task that was billed, or its files, instead of generating. */
  | { do: "adoptTask" | "adoptFiles" | "adoptNothing"; who: number }
  /** The end of the file is ordered for so many hours from now. */
  | { do: "editExpiry"; who: number; hours: number }
  | { do: "clock"; hours: number }
  /** The media library fills with other files, whose names begin with what users choose as theirs. */
  | { do: "crowd" }
  /** The machine's clock shows that many hours more than the service's. */
  | { do: "machineClock"; who: number; hours: number }
  | { do: "newMachine"; who?: number }
  | { do: "loseState"; who?: number }
  /** Somebody deletes the files of a resource in the console. */
  | { do: "deleteFiles"; who: number };

/** The program at the beginning, and what the service is like. */
export interface Setting {
  /**
   * `one`; `two` or `four` of their own; `twins` with one scope and one request; `pair`: the same, each in a stack of its
   * own.
   */
  readonly resources: "one" | "two" | "four" | "twins" | "pair";
  readonly storage: "Permanent" | "Temporary";
  /** Images a task. */
  readonly images?: number;
  /** The stacks of a `pair` are deployed from one machine. */
  readonly sharedMachine?: boolean;
  /** By what the provider's own waits are divided. @default 1,000 */
  readonly speed?: number;
  readonly behaviours: Partial<Behaviours>;
  /** The service's quota. */
  readonly concurrency: number;
  /** What the stack takes that quota for (`maxConcurrentTasks`). */
  readonly slots: number;
}

export interface Sequence {
  readonly setting: Setting;
  readonly commands: readonly Command[];
}
