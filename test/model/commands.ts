import type { Behaviours } from "../../emulator";
import type { CrashPoint, RefreshFault, UpFault, UpKind } from "./cases";
import type { Edit } from "./program";

/** One thing that happens to a stack. `who` names the resource that is changed. */
export type Command =
  | { do: UpKind; who: number; fault?: UpFault; crash?: CrashPoint }
  | { do: "preview"; crash?: CrashPoint }
  | { do: "refresh"; fault?: RefreshFault; crash?: CrashPoint }
  | { do: "destroy"; crash?: CrashPoint }
  | { do: Edit; who: number }
  | { do: "clock"; hours: number }
  | { do: "newMachine" }
  | { do: "loseState" }
  /** Somebody deletes the files of a resource in the console. */
  | { do: "deleteFiles"; who: number };

/** The program at the beginning, and what the service is like. */
export interface Setting {
  /** `one`; `two` of their own; `twins` with one scope and one request. */
  readonly resources: "one" | "two" | "twins";
  readonly storage: "Permanent" | "Temporary";
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
