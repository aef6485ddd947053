import type { Configuration } from "../configuration";
import type { Generation } from "../generation/generate";
import type { LocalFiles } from "../localFiles";
import type { Library } from "../service/library";
import type { VodClient } from "../vod/client";
import type { Clock } from "../vod/clock";
import type { Bills } from "./bill";
import type { TagSearch } from "./metadata";
import type { Progress } from "./progress";
import type { Replaces } from "./replaces";

/** What the verbs work with. */
export interface Context {
  readonly configuration: Configuration;
  readonly bills: Bills;
  readonly replaces: Replaces;
  readonly localFiles: LocalFiles;
  readonly progress: Progress;
  readonly client: VodClient;
  readonly clock: Clock;
  readonly generation: Generation;
  /** The service's time (ms). */
  readonly now: () => number;
  readonly cancelled: AbortSignal;
  readonly libraryOf: (subAppId: number) => Library;
  readonly tagSearch: TagSearch;
}

/** What a verb is told of the resource besides its inputs. */
export interface VerbOptions {
  /** For progress and messages. */
  readonly urn?: string | undefined;
  /**
   * What names a picture beside its request, where the inputs give no `sessionScope`: the URN that the resource has as a
   * dynamic resource. So what one way of deploying has made is found by the other.
   */
  readonly scope?: string | undefined;
  /** How long to wait, where the inputs do not say (s). */
  readonly timeoutSeconds?: number | undefined;
}

/** What a check is told besides. */
export interface CheckOptions extends VerbOptions {
  /** The scope of the old inputs, where it is known: a rename changes it. */
  readonly oldScope?: string | undefined;
}

/** The engine that a provider works for. */
export interface Engine extends Progress {
  /** The same for all provider processes of an operation, and another one for each operation. */
  readonly address?: string | undefined;
  /** Settles once the engine has answered. @throws, unbilled, where it is gone */
  readonly requireAlive: (cancelled: AbortSignal) => Promise<void>;
}

export interface ProviderOptions {
  /** Gives the value of a bare configuration key, such as `endpoint`. */
  readonly setting: (key: string) => string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly engine: Engine;
  readonly cancellation: Cancellation;
  /** Whether the end of an operation is heard. */
  readonly hearsEnd: Promise<boolean>;
  /** Whether a setting by which keys are found is not known before the update. @default false */
  readonly keysAreUnknown?: boolean;
  /** Puts a message in the words of where the settings are. @default as the stack's config has them */
  readonly words?: (text: string) => string;
}

/** What a Cancel of the engine ends. */
export interface Cancellation {
  /** Nothing more is sent, and nothing more is waited for. */
  readonly cancelled: AbortSignal;
  /** A moment later: until then an answer that is on its way is waited for. */
  readonly cutOff: AbortSignal;
}
