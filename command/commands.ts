import { bill } from "./bill";
import type { Command } from "./command";

/** In the order of the overview. */
export const commands: readonly Command[] = [bill];
