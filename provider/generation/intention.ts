import type { CreateAigcImageTaskRequest } from "../vod/wire";
import type { SessionIdBase } from "./sessionId";

/** One picture that a user means to have: what is sent for it, and how long its resource waits. */
export interface Intention {
  readonly base: SessionIdBase;
  /** All but the SessionId, and but a MediaName that is to be the SessionId. */
  readonly request: CreateAigcImageTaskRequest;
  /** The files are named by the SessionId, so that the media library can find them. */
  readonly namedBySessionId: boolean;
  /** Most images that the request may bill. */
  readonly images: number;
  /** How many images the request names: fewer are told of. */
  readonly imagesAsked: number;
  readonly waitForCompletion: boolean;
  readonly timeoutMs: number;
  /** Tells whoever watches how it goes. Never holds input text. */
  readonly report: (text: string) => void;
}
