export type { Deployment } from "./engine/checkpoint";
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
} from "./engine/embeddedStack";
export type {
  DiagnosticEvent,
  EngineEvent,
  OpMap,
  StepEventMetadata,
  StepEventStateMetadata,
} from "./engine/events";
export type { ConfigMap, ConfigValue } from "./engine/stackConfig";
export type { StepOp } from "./engine/steps";
