export type { Key } from "./authentication";
export { type Behaviours, behaviourTable } from "./behaviours";
export { type Emulator, startEmulator } from "./emulator";
export { type Fault, type FaultKind, type FaultOf, type FaultStage, faultKinds, type RequestFault } from "./faultKinds";
export type { Ledger, LedgerTask } from "./ledger";
export { defaultSecretId, defaultSecretKey, type EmulatorOptions } from "./options";
export { defaultRole, type Role } from "./roles";
