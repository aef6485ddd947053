import { z } from "zod";
import { statuses } from "../../provider/generation/record";
import { isSecret, opened, type PictureResource } from "../stackResources";

/** What a stack holds of one picture, as far as its export can be read. */
export interface Held {
  /** Where it is declared, such as `shop/dev hero`. */
  readonly resource: string;
  readonly urn: string;
  /** The service's own status while a task is under way; `FINISH`, `FAILED`, `UNKNOWN`, `AGED`. */
  readonly status?: string;
  readonly taskId?: string;
  readonly sessionId?: string;
  readonly generationId?: string;
  readonly subAppId?: number;
  /** Host of the service that has it. */
  readonly endpoint?: string;
  readonly fileIds: readonly string[];
  /** Whether any file of it has no FileId, as a Temporary one. */
  readonly temporary: boolean;
  readonly createTime?: string;
  readonly finishTime?: string;
  readonly expireTime?: string;
  /** Whether ids of it are encrypted in the export: it may hold what seems to be held by nothing. */
  readonly unreadable: boolean;
}

const text = z.string().min(1).optional().catch(undefined);
const outputsSchema = z.object({
  status: text,
  taskId: text,
  sessionId: text,
  generationId: text,
  endpoint: text,
  createTime: text,
  finishTime: text,
  subAppId: z.number().int().positive().optional().catch(undefined),
  outputConfig: z.object({ expireTime: text }).catch({}),
});
const filesSchema = z.array(z.object({ fileId: text }).catch({})).catch([]);

export function heldOf({ urn, name, id, outputs }: PictureResource): Held {
  const plain = Object.fromEntries(Object.entries(outputs).map(([key, value]) => [key, opened(value)]));
  const { outputConfig, ...read } = outputsSchema.parse({ ...plain, outputConfig: openedIn(plain["outputConfig"]) });
  const listed = plain["files"];
  const files = filesSchema.parse(Array.isArray(listed) ? listed.map(openedIn) : []);
  const fileIds = files.flatMap(({ fileId }) => fileId ?? []);
  const [, stack = "", project = ""] = /^urn:pulumi:([^:]*)::([^:]*)::/.exec(urn) ?? [];
  return {
    resource: `${project}/${stack} ${name}`,
    urn,
    ...given(read),
    ...given(outputConfig),
    // An adopted file has no task, and gives the resource its id.
    fileIds: fileIds.length > 0 ? fileIds : fileIdsIn(id),
    temporary: files.some(({ fileId }) => fileId === undefined),
    unreadable: [plain["taskId"], listed, ...(Array.isArray(listed) ? listed.map(opened) : [])].some(isSecret),
  };
}

/** An object, with its own secrets opened. */
function openedIn(value: unknown): unknown {
  const plain = opened(value);
  if (typeof plain !== "object" || plain === null || isSecret(plain)) return {};
  return Object.fromEntries(Object.entries(plain).map(([key, each]) => [key, opened(each)]));
}

function fileIdsIn(id: string | undefined): string[] {
  return id?.startsWith("files:") ? [id.slice("files:".length)] : [];
}

type Given<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

function given<T extends object>(values: T): Given<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;
}

/** Whether the next update looks for its picture by itself: a request, or a task, whose end state does not know. */
export function isLookedFor({ status, fileIds, temporary }: Held): boolean {
  if (fileIds.length > 0 || temporary) return false;
  return status !== statuses.finished && status !== statuses.failed;
}
