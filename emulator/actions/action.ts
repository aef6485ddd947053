import type { VodAction, VodActions } from "../../provider/vod/wire";
import type { Fault } from "../faults";
import type { Parameters } from "../parameters";
import type { Service } from "../service";

/** An answer without its RequestId, which the server adds. */
export type Answer<A extends VodAction> = Omit<VodActions[A]["response"], "RequestId">;

/** One action of the service. */
export interface Action<Result extends object = object> {
  /** Parameters it has, by name. */
  readonly parameters: readonly string[];
  /** Whether it is paced as a submit (20 a second) or as a read (100 a second). */
  readonly pace: "submit" | "read";
  /**
   * Does it, or throws an `ApiError`. The store is settled. `fault` is a scripted `task` fault (submits) or `view` fault
   * (reads) to take into account.
   */
  answer(parameters: Parameters, service: Service, fault: Fault | undefined): Result;
}
