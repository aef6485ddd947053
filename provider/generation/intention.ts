import type { CreateAigcImageTaskRequest } from "../vod/wire";
import type { Spending } from "./spendGuard";

/** One picture that a user means to have: what is sent for it, and how long its resource waits. */
export interface Intention {
  /** Names the intention. */
  readonly generationId: string;
  /** What the generation id would be under the resource's former URNs, or was before texts had one form. */
  readonly formerIds: readonly string[];
  /** The user's own `sessionId`, as it is today: used by a first submission alone. */
  readonly ownSessionId: string | undefined;
  /** The billed request and keepers, whatever the scope. */
  readonly requestDigest: string;
  readonly hasKeepers: boolean;
  /** All but SessionId and MediaName, which each submission has of its own, and the bytes of local files. */
  readonly request: CreateAigcImageTaskRequest;
  /**
   * A request of it with the bytes of its local files, as they were checked.
   * @param mayBeAccepted whether it may have been accepted before
   * @throws, unbilled, where they cannot be read, or are others
   */
  readonly withFiles: (
    request: CreateAigcImageTaskRequest,
    mayBeAccepted: boolean,
  ) => Promise<CreateAigcImageTaskRequest>;
  /** Files are Permanent, so that the media library has them. */
  readonly permanent: boolean;
  /** The `mediaName` of the user's own. */
  readonly mediaName: string | undefined;
  /** Most images that the request may bill. */
  readonly images: number;
  /** What they cost, where prices are given. */
  readonly spending: Spending;
  /** How many images the request names: fewer are told of. */
  readonly imagesAsked: number;
  readonly waitForCompletion: boolean;
  readonly timeoutMs: number;
  /** Shows progress on the resource's row. Never holds input text. */
  readonly report: (text: string) => void;
}
