export type { Deployment } from "./checkpoint";
export {
  CommandError,
  ConcurrentUpdateError,
  EmbeddedStack,
  type EmbeddedStackOptions,
  type OperationOptions,
  type OperationResult,
  type OutputMap,
  type PreviewResult,
  type RefreshOptions,
  type UpdateSummary,
  type UpOptions,
  type UpResult,
} from "./embeddedStack";
export type {
  DiagnosticEvent,
  EngineEvent,
  OpMap,
  StepEventMetadata,
  StepEventStateMetadata,
} from "./events";
export type { ConfigMap, ConfigValue } from "./stackConfig";
export type { StepOp } from "./steps";
