import type * as pulumi from "@pulumi/pulumi";
import type { EngineEvent, OpMap } from "./events";
import type { ConfigMap } from "./stackConfig";

export interface EmbeddedStackOptions {
  stackName: string;
  /** The directory that holds Pulumi.yaml. */
  workDir: string;
  /** @default the name in Pulumi.yaml */
  projectName?: string;
  /** The program, relative to `workDir`. @default `main` of Pulumi.yaml */
  program?: string;
  /** Where state and configuration are kept. */
  stateDir: string;
  /**
   * Secrets are kept with this passphrase, as Pulumi's passphrase provider keeps them.
   * @default PULUMI_CONFIG_PASSPHRASE; else a random one, kept in `stateDir`, readable by its owner only
   */
  secretsPassphrase?: string;
  /** Added to the environment of the program and of its providers. */
  envVars?: Record<string, string>;
  /** Where providers of other packages already run, by package: the address at which each serves gRPC. */
  providers?: Record<string, string>;
  /** Answers for resources and functions of all packages but this one, whose plugin is started. */
  mocks?: pulumi.runtime.Mocks;
}

export interface OperationOptions {
  /** Called with every line of text. */
  onOutput?: (text: string) => void;
  onEvent?: (event: EngineEvent) => void;
  /** How many operations run at once. @default 4 for each processor */
  parallel?: number;
}

export interface UpOptions extends OperationOptions {
  /** URNs of resources to be replaced although nothing changed. */
  replace?: string[];
  refresh?: boolean;
  /** Fail when anything but `same` would be done. */
  expectNoChanges?: boolean;
}

export interface RefreshOptions extends OperationOptions {
  /** Forget creates that were interrupted; find out first what became of them. */
  clearPendingCreates?: boolean;
  expectNoChanges?: boolean;
}

export type OutputMap = Record<string, { value: unknown; secret: boolean }>;

export interface UpdateSummary {
  kind: "update" | "refresh" | "destroy";
  result: "succeeded" | "failed";
  startTime: Date;
  endTime: Date;
  message: string;
  environment: Record<string, string>;
  config: ConfigMap;
  resourceChanges?: OpMap;
}

export interface UpResult {
  stdout: string;
  stderr: string;
  outputs: OutputMap;
  summary: UpdateSummary;
}

export interface OperationResult {
  stdout: string;
  stderr: string;
  summary: UpdateSummary;
}

export interface PreviewResult {
  stdout: string;
  stderr: string;
  changeSummary: OpMap;
}

/** An operation failed; what it did before that is in state. The message holds what it said. */
export class CommandError extends Error {
  override readonly name = "CommandError";

  constructor(
    readonly operation: string,
    readonly stdout: string,
    readonly stderr: string,
  ) {
    super(`${operation} failed\n stdout: ${stdout}\n stderr: ${stderr}\n`);
  }
}
