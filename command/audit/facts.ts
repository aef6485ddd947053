import type { LibraryFile } from "../../provider/service/library";
import type { Look } from "../../provider/service/look";
import type { PictureFile } from "../../provider/service/pictureFile";

/** What the service tells of one application. */
export interface Facts {
  readonly subAppId: number;
  /** The service's time (ms). */
  readonly now: number;
  /** From when on it was asked for tasks (ms): it answers for none that are older. */
  readonly since: number;
  readonly tasks: readonly ToldTask[];
  /** Files of any age that this package made. */
  readonly files: Look<readonly LibraryFile[]>;
  /** Whether files exist that a task or a stack names. A FileId of which the service said nothing is absent. */
  readonly exists: ReadonlyMap<string, boolean>;
  readonly usage: Usage;
}

/** Images that the service has counted since then, of all programs. */
export type Usage =
  | { readonly kind: "counted"; readonly images: number }
  | { readonly kind: "unknown"; readonly why: string };

/** A task as the service tells it. */
export interface ToldTask {
  readonly taskId: string;
  /** Whether the service's list has it; else it was asked for because a stack holds it. */
  readonly listed: boolean;
  readonly sessionId?: string;
  readonly createTime?: string;
  /** The name of its model and version, as the service echoes it. */
  readonly model?: string;
  /** The intention that it was sent for. */
  readonly generationId?: string;
  /** For which resource it was sent, where its SessionContext says so (`tencent-aigc:tagSessionContext`). */
  readonly sentFor?: string;
  readonly end: TaskEnd;
}

export type TaskEnd =
  | { readonly kind: "running" }
  | { readonly kind: "finished"; readonly files: readonly PictureFile[] }
  /** It bills nothing. */
  | { readonly kind: "failed"; readonly why: string }
  /** Reported as a success, without a file. */
  | { readonly kind: "noFile" }
  /** It could not be asked for. */
  | { readonly kind: "unknown"; readonly why: string };
