import type { CreateAigcImageTaskRequest } from "../provider/vod/wire";
import type { Key } from "./authentication";
import { type Behaviours, setBehaviours } from "./behaviours";
import { control } from "./control";
import type { Fault } from "./faultKinds";
import { checkFault } from "./faults";
import { type Ledger, ledgerOf } from "./ledger";
import { Listener } from "./listener";
import { completeOptions, type EmulatorOptions } from "./options";
import { createServer, loopback } from "./server";
import { Service } from "./service";
import type { Submission } from "./store";
import { imagesAsked, successPlan } from "./taskPlan";
import { Waiters } from "./waiters";

/** A running emulator. */
export interface Emulator {
  /** `http://127.0.0.1:<port>`, or https where it has a certificate. */
  readonly url: string;
  readonly secretId: string;
  readonly secretKey: string;
  /** Gives the account another key: whatever is signed with the old one is refused from now on. */
  rotateKey(key: { secretId: string; secretKey: string }): void;
  /** All temporary keys that were issued, ended ones too: what must not be found in any log. */
  issuedKeys(): { secretId: string; secretKey: string; token: string }[];
  /** What would have been billed, and everything that was done. The same as `GET /_emulator/ledger`. */
  ledger(): Ledger;
  /** Moves its time on: tasks, windows and files age. Signatures are judged by real time. */
  advance(seconds: number): void;
  /** Scripts faults, after those already set. Throws a `RangeError` on a wrong one. */
  fault(fault: Fault | readonly Fault[]): void;
  /** Forgets the faults not yet used up, and reopens a closed port. */
  clearFaults(): void;
  /** Switches behaviours, all given or none. Throws a `RangeError` on a wrong one. */
  behaviour(behaviours: Partial<Behaviours>): void;
  /**
   * Settles when the condition holds. It is looked at when a request comes in and when it has been done, when
   * a task ends, and when time is moved.
   * Rejects after `timeoutMs` of real time.
   */
  waitUntil(condition: (ledger: Ledger) => boolean, timeoutMs?: number): Promise<void>;
  /** Registers a file that no task made, so that its FileId can be used. Returns the FileId. */
  addMedia(media: { fileId?: string; subAppId: number; name?: string; classId?: number }): string;
  /**
   * Makes a task as another program with the same account would: it runs, uses its SessionId, and is listed and told as
   * any other, but is not in the ledger. Returns the TaskId.
   */
  addTask(request: { SubAppId: number } & Partial<CreateAigcImageTaskRequest>): string;
  /** Deletes a file, as DeleteMedia does. */
  deleteMedia(fileId: string): void;
  /** Makes a task unknown to every read; the ledger keeps it. */
  forgetTask(taskId: string): void;
  /** Ends it and every connection, whatever is under way. */
  close(): Promise<void>;
}

/** Starts an emulator of the service on loopback. Throws a `RangeError` on a wrong option. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { port, tls, ...serviceOptions } = completeOptions(options);
  const service = new Service(serviceOptions);
  const waiters = new Waiters(service);
  const emulator: Emulator = {
    get url() {
      return service.url;
    },
    get secretId() {
      return firstKey(service).secretId;
    },
    get secretKey() {
      return firstKey(service).secretKey;
    },
    rotateKey(key) {
      const [first, ...others] = service.keys;
      service.keys = [{ ...first, ...key }, ...others];
    },
    issuedKeys: () =>
      service.temporaryKeys.all().map(({ secretId, secretKey, token }) => ({ secretId, secretKey, token })),
    ledger: () => ledgerOf(service),
    advance(seconds) {
      service.advance(seconds);
    },
    fault(faults) {
      const checked = (Array.isArray(faults) ? faults : [faults]).map(checkFault);
      service.faults.add(checked.filter(({ fault }) => fault.kind !== "closedPort"));
      for (const { fault } of checked) if (fault.kind === "closedPort") listener.shut(fault.seconds);
    },
    clearFaults() {
      service.faults.clear();
      listener.open();
    },
    behaviour: (values) => setBehaviours(service.behaviours, values),
    waitUntil: (condition, timeoutMs = 30_000) => waiters.wait(condition, timeoutMs),
    addMedia: (media) => service.store.addMedia(media),
    addTask(request) {
      const task = service.store.submit(foreignSubmission(request, service.behaviours));
      service.changed();
      return task.taskId;
    },
    deleteMedia(fileId) {
      if (!service.store.deleteMedia(fileId)) throw new RangeError(`there is no file ${JSON.stringify(fileId)}`);
    },
    forgetTask: (taskId) => service.store.forgetTask(taskId),
    async close() {
      waiters.stop();
      await listener.close();
      service.close();
    },
  };
  const listener = new Listener(createServer(service, control(emulator), tls));
  try {
    service.url = `${tls ? "https" : "http"}://${loopback}:${await listener.listen(port)}`;
  } catch (error) {
    service.close();
    throw error;
  }
  return emulator;
}

function firstKey({ keys: [first] }: Service): Key {
  if (!first) throw new Error("an emulator has at least one key");
  return first;
}

/** What another program asked for, in which nothing goes wrong. */
function foreignSubmission(
  given: { SubAppId: number } & Partial<CreateAigcImageTaskRequest>,
  behaviours: Behaviours,
): Submission {
  const request = { ModelName: "GG", ModelVersion: "2.5", Prompt: "another program's picture", ...given };
  const images = imagesAsked(request);
  return {
    request,
    images,
    plan: successPlan(images, behaviours),
    listingLagSeconds: behaviours.listingLagSeconds,
    searchLagSeconds: behaviours.searchLagSeconds,
    filesLagSeconds: 0,
    mediaNameEnding: behaviours.mediaNameEnding,
    outside: true,
  };
}
