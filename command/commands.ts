import { audit } from "./audit";
import { bill } from "./bill";
import type { Command } from "./command";
import { doctor } from "./doctor";
import { pull } from "./pull";

/** In the order of the overview. */
export const commands: readonly Command[] = [audit, bill, doctor, pull];
