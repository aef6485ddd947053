import type { Step } from "./steps";

/** What the engine says while it works. An empty URN means: about the deployment as a whole. */
export interface DeploymentObserver {
  diagnostic(severity: "info" | "warning" | "error", urn: string, message: string): void;
  stepStarted(step: Step): void;
  stepDone(step: Step): void;
  stepFailed(step: Step): void;
  outputsRegistered(step: Step): void;
}
