import type { Configuration } from "../configuration";
import type { Generation } from "../generation/generation";
import type { Library } from "../generation/library";
import type { VodClient } from "../vod/client";
import type { Bills } from "./bill";
import type { Progress } from "./progress";

/** What the verbs work with. */
export interface Context {
  readonly configuration: Configuration;
  readonly bills: Bills;
  readonly progress: Progress;
  readonly client: VodClient;
  readonly generation: Generation;
  libraryOf(subAppId: number): Library;
}
