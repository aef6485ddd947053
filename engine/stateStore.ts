import { createHash } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import {
  type Deployment,
  deserializeSnapshot,
  deserializeState,
  serializeSnapshot,
  serializeState,
} from "./checkpoint";
import { normalizeUrns } from "./normalizeUrns";
import type { Snapshot } from "./resourceState";
import type { SecretsManager, SecretsProvider } from "./secretsManager";
import { replay, type SnapshotChange, type SnapshotPersister } from "./snapshotManager";
import { containsSecrets } from "./values";

/** Gives access to the secrets manager, and so asks for the passphrase only when it is needed. */
export interface SecretsSource {
  /** For writing; asked for only when there is something secret. */
  get(): SecretsManager;
  /** The one for writing, if anything secret was written before. */
  known(): SecretsManager | undefined;
  /** For reading what was written in this way. */
  open(provider: SecretsProvider): SecretsManager;
}

/**
 * A stack's state on disk: one file with the whole deployment, replaced atomically, and beside it, while an update
 * runs, a journal to which every step adds a few flushed lines. A kill at any moment loses at most a step that has not
 * begun, and the cost of a step does not grow with the stack.
 */
export class StateStore implements SnapshotPersister {
  private journal: Promise<FileHandle> | undefined;
  private lines: string[] = [];
  private flushing: Promise<void> | undefined;

  constructor(
    private readonly path: string,
    private readonly secrets: SecretsSource,
  ) {}

  load(): Snapshot {
    const text = this.readBase();
    const base = text ? this.deserialize(JSON.parse(text) as Deployment) : { resources: [], pendingOperations: [] };
    return normalizeUrns(replay(base, this.readJournal(text)));
  }

  append(changes: SnapshotChange[]): Promise<void> {
    for (const change of changes) this.lines.push(`${JSON.stringify(this.serializeChange(change))}\n`);
    // Lines that are added during a flush are written by its next turn.
    this.flushing ??= Promise.resolve().then(() => this.flush());
    return this.flushing;
  }

  async rewrite(snapshot: Snapshot): Promise<void> {
    const text = JSON.stringify(this.serialize(snapshot), undefined, 2);
    await this.flushing;
    await this.closeJournal();
    writeAtomically(this.path, `${text}\n`);
    rmSync(this.journalPath, { force: true });
  }

  serialize(snapshot: Snapshot): Deployment {
    return serializeSnapshot(snapshot, hasSecrets(snapshot) ? this.secrets.get() : this.secrets.known());
  }

  deserialize(deployment: Deployment): Snapshot {
    const provider = deployment.deployment.secrets_providers;
    return deserializeSnapshot(deployment, provider && this.secrets.open(provider));
  }

  private get journalPath(): string {
    return `${this.path}.journal`;
  }

  private readBase(): string {
    return readIfPresent(this.path);
  }

  private async flush(): Promise<void> {
    this.journal ??= this.openJournal();
    const handle = await this.journal;
    while (this.lines.length > 0) {
      const text = this.lines.join("");
      this.lines = [];
      await handle.writeFile(text);
      await handle.datasync();
    }
    this.flushing = undefined;
  }

  private async openJournal(): Promise<FileHandle> {
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
    const handle = await open(this.journalPath, "w", 0o600);
    // A journal belongs to one base file: one that a finished rewrite left behind is ignored.
    await handle.writeFile(`${journalHeader(this.readBase())}\n`);
    return handle;
  }

  private async closeJournal(): Promise<void> {
    const handle = await this.journal;
    this.journal = undefined;
    await handle?.close();
  }

  private readJournal(baseText: string): SnapshotChange[] {
    const [header, ...lines] = readIfPresent(this.journalPath).split("\n");
    if (header !== journalHeader(baseText)) return [];
    const changes: SnapshotChange[] = [];
    for (const line of lines) {
      try {
        changes.push(this.deserializeChange(JSON.parse(line)));
      } catch {
        // The last line may be incomplete; the step it records had not begun.
        break;
      }
    }
    return changes;
  }

  private serializeChange(change: SnapshotChange): object {
    if (!("resource" in change)) return change;
    const secrets = hasSecrets({ resources: [change.resource] }) ? this.secrets.get() : undefined;
    return { ...change, resource: serializeState(change.resource, secrets) };
  }

  private deserializeChange(stored: SnapshotChange): SnapshotChange {
    if (!("resource" in stored)) return stored;
    const secrets = JSON.stringify(stored).includes('"ciphertext"') ? this.secrets.get() : undefined;
    return { ...stored, resource: deserializeState(stored.resource as never, secrets) };
  }
}

/** Replaces a file as a whole or not at all, even if the machine stops. */
export function writeAtomically(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.tmp`;
  const file = openSync(temporary, "w", 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  const directory = openSync(dirname(path), "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

export function readIfPresent(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

function journalHeader(baseText: string): string {
  return JSON.stringify({ base: createHash("sha256").update(baseText).digest("hex") });
}

function hasSecrets({ resources }: Pick<Snapshot, "resources">): boolean {
  return resources.some(({ inputs, outputs }) => containsSecrets(inputs) || (outputs && containsSecrets(outputs)));
}
