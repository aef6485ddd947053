import type { DeploymentObserver } from "./observer";
import { RefreshStep } from "./refreshStep";
import type { ResourceState } from "./resourceState";
import type { Step, StepOp } from "./steps";
import { isDefaultProvider } from "./urn";
import { deepEquals, isSecret, mapProperties, type PropertyMap } from "./values";

export interface StepEventStateMetadata {
  type: string;
  urn: string;
  custom: boolean;
  delete?: boolean;
  id: string;
  parent: string;
  protect?: boolean;
  /** Secrets are `[secret]`. */
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
  provider: string;
  initErrors?: string[];
}

export interface StepEventMetadata {
  op: StepOp;
  urn: string;
  type: string;
  old?: StepEventStateMetadata;
  new?: StepEventStateMetadata;
  keys?: string[];
  diffs?: string[];
  logical: boolean;
  provider: string;
}

export interface DiagnosticEvent {
  /** The resource the message is about; none for the deployment as a whole. */
  urn?: string;
  prefix?: string;
  message: string;
  color: string;
  severity: "info" | "info#err" | "warning" | "error" | "debug";
  streamID?: number;
  /** Meant for the row of a resource while it is being worked on, not for the record. */
  ephemeral?: boolean;
}

/** Same shape as `EngineEvent` of `@pulumi/pulumi/automation`: exactly one of the events is set. */
export interface EngineEvent {
  sequence: number;
  /** Seconds since 1970. */
  timestamp: number;
  cancelEvent?: Record<string, never>;
  stdoutEvent?: { message: string; color: string };
  diagnosticEvent?: DiagnosticEvent;
  preludeEvent?: { config: Record<string, string> };
  summaryEvent?: {
    maybeCorrupt: boolean;
    durationSeconds: number;
    resourceChanges: OpMap;
    policyPacks: Record<string, string>;
  };
  resourcePreEvent?: { metadata: StepEventMetadata; planning?: boolean };
  resOutputsEvent?: { metadata: StepEventMetadata; planning?: boolean };
  resOpFailedEvent?: { metadata: StepEventMetadata; status: number; steps: number };
}

export type OpMap = Partial<Record<StepOp, number>>;

/** A shorter text is not masked: it would occur everywhere. */
const shortestMasked = 3;
const mask = "[secret]";

/** Turns steps and log lines into events, counts them, and masks secrets. */
export class EventStream implements DeploymentObserver {
  readonly changes: OpMap = {};
  readonly errors: string[] = [];
  private readonly hidden = new Set<string>();
  private readonly startedAt = Date.now();
  private sequence = 0;

  constructor(
    private readonly emit: (event: EngineEvent) => void,
    private readonly kind: "update" | "preview" | "refresh" | "destroy",
  ) {}

  private get preview(): boolean {
    return this.kind === "preview";
  }

  /** From now on these texts are masked in every message. */
  hide(texts: string[]): void {
    for (const text of texts) if (text.length >= shortestMasked) this.hidden.add(text);
  }

  masked(text: string): string {
    let result = text;
    for (const secret of this.hidden) {
      if (result.includes(secret)) result = result.replaceAll(secret, mask);
    }
    return result;
  }

  prelude(config: Record<string, string>): void {
    this.send({ preludeEvent: { config } });
  }

  summary(): void {
    this.send({
      summaryEvent: {
        maybeCorrupt: false,
        durationSeconds: Math.round((Date.now() - this.startedAt) / 1000),
        resourceChanges: this.changes,
        policyPacks: {},
      },
    });
  }

  cancel(): void {
    this.send({ cancelEvent: {} });
  }

  log(event: { severity: DiagnosticEvent["severity"]; urn: string; message: string } & Partial<DiagnosticEvent>): void {
    const { urn, message, severity, streamID = 0, ephemeral = false } = event;
    if (severity === "debug") return;
    const text = this.masked(message);
    if (severity === "error" && !ephemeral) this.errors.push(text);
    const prefix = severity === "info" || severity === "info#err" ? "" : `${severity}: `;
    this.send({
      diagnosticEvent: {
        ...(urn === "" ? {} : { urn }),
        ...(prefix === "" ? {} : { prefix }),
        message: `${text}\n`,
        color: "never",
        severity,
        ...(streamID === 0 ? {} : { streamID }),
        ...(ephemeral ? { ephemeral } : {}),
      },
    });
  }

  diagnostic(severity: "info" | "warning" | "error", urn: string, message: string): void {
    this.log({ severity, urn: urn !== "" && isDefaultProvider(urn) ? "" : urn, message });
  }

  stepStarted(step: Step): void {
    if (!isInternal(step)) this.send({ resourcePreEvent: this.planned(this.metadata(step, step.op)) });
  }

  stepDone(step: Step): void {
    if (isInternal(step)) return;
    // An operation `refresh` counts what it found; a refresh before an update is not counted.
    const found = this.kind === "refresh" && step instanceof RefreshStep;
    const op = found ? step.resultOp : step.op;
    if (found || (step.logical && changesSomething(step))) this.changes[op] = (this.changes[op] ?? 0) + 1;
    // A component registers its outputs itself, except when it is deleted.
    const shown = this.preview || step.resource.custom || op === "delete" || step instanceof RefreshStep;
    if (shown) this.send({ resOutputsEvent: this.planned(this.metadata(step, op)) });
  }

  stepFailed(step: Step): void {
    if (isInternal(step)) return;
    this.send({ resOpFailedEvent: { metadata: this.metadata(step, step.op), status: 0, steps: this.counted() } });
  }

  outputsRegistered(step: Step): void {
    this.send({ resOutputsEvent: this.planned(this.metadata(step, step.op)) });
  }

  private counted(): number {
    return Object.values(this.changes).reduce((sum, count) => sum + count, 0);
  }

  private planned<M>(metadata: M): { metadata: M; planning?: boolean } {
    return this.preview ? { metadata, planning: true } : { metadata };
  }

  private metadata(step: Step, op: StepOp): StepEventMetadata {
    const { old, resource } = step;
    const new_ = step instanceof RefreshStep ? step.refreshed : step.new_;
    return {
      op,
      urn: step.urn,
      type: resource.type,
      ...(old ? { old: stateMetadata(old) } : {}),
      ...(new_ ? { new: stateMetadata(new_) } : {}),
      ...(step.keys.length > 0 ? { keys: step.keys } : {}),
      ...(step.diffs.length > 0 ? { diffs: step.diffs } : {}),
      logical: step.logical,
      provider: resource.provider,
    };
  }

  private send(event: Partial<EngineEvent>): void {
    this.emit({ sequence: this.sequence++, timestamp: Math.floor(Date.now() / 1000), ...event });
  }
}

/** A read that finds the same as before is not counted. */
function changesSomething(step: Step): boolean {
  return step.op !== "read" || (step.old !== undefined && !deepEquals(step.old.outputs, step.new_?.outputs));
}

/** A step that the engine added itself, for a default provider. */
function isInternal(step: Step): boolean {
  return isDefaultProvider(step.urn);
}

function stateMetadata(state: ResourceState): StepEventStateMetadata {
  return {
    type: state.type,
    urn: state.urn,
    custom: state.custom,
    ...(state.delete ? { delete: true } : {}),
    id: state.id,
    parent: state.parent,
    ...(state.protect ? { protect: true } : {}),
    inputs: withoutSecrets(state.inputs),
    outputs: withoutSecrets(state.outputs ?? {}),
    provider: state.provider,
    ...(state.initErrors.length > 0 ? { initErrors: state.initErrors } : {}),
  };
}

function withoutSecrets(properties: PropertyMap): PropertyMap {
  return mapProperties(properties, (node) => (isSecret(node) ? mask : undefined));
}
