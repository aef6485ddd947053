export { type Behaviours, behaviourTable } from "./behaviours";
export { type Emulator, startEmulator } from "./emulator";
export { type Fault, type FaultKind, type FaultStage, faultKinds } from "./faults";
export type { Ledger, LedgerTask } from "./ledger";
export { defaultSecretId, defaultSecretKey, type EmulatorOptions } from "./options";
