import type { VodAction, VodActions } from "../../provider/vod/wire";
import type { ArmedFault, FaultKindOf } from "../faultKinds";
import type { Parameters } from "../parameters";
import type { Service } from "../service";

/** An answer without its RequestId, which the server adds. */
export type Answer<A extends VodAction> = Omit<VodActions[A]["response"], "RequestId">;

/**
 * Takes the scripted fault that is due, of those kinds that would change something in this answer: others are left for a
 * request that they can spoil. To be called once.
 */
export type TakeFault = <K extends FaultKindOf<"task" | "view">>(kinds: readonly K[]) => ArmedFault<K> | undefined;

/** One action of the service. */
export interface Action<Result extends object = object> {
  /** The version of the API it is of. @default that of VOD */
  readonly version?: string;
  /** Whether it is taken without a signature, with `SKIP` in the place of one. */
  readonly unsigned?: boolean;
  /** Parameters it has, by name. */
  readonly parameters: readonly string[];
  /** Whether it is paced as a submit (20 a second) or as a read (100 a second). */
  readonly pace: "submit" | "read";
  /** Does it, or throws an `ApiError`. The store is settled. */
  answer(parameters: Parameters, service: Service, take: TakeFault): Result;
}
