import type { Outcome } from "../generation/generated";
import { TencentAigcError } from "../vod/errors";
import type { ModifyMediaInfoRequest } from "../vod/wire";
import type { Context } from "./context";
import { fileIdsIn, isFinished, type Metadata, metadataKeys } from "./outputs";

/** What a file has that nobody gave a class or an end (ModifyMediaInfo; MediaBasicInfo). */
const noClass = 0;
const neverExpires = "9999-12-31T23:59:59Z";

export interface MetadataChange {
  readonly outcome: Outcome;
  /** As last sent to the service. */
  readonly sent: Metadata;
  readonly wanted: Metadata;
  readonly subAppId: number;
}

/**
 * Sets the metadata of Permanent files where it differs from what was last sent. Costs nothing; what fails stays a
 * difference.
 */
export async function changeMetadata(
  { outcome, sent, wanted, subAppId }: MetadataChange,
  { client }: Context,
): Promise<{ outcome: Outcome; metadata: Metadata }> {
  const { generated } = outcome;
  const fileIds = isFinished(generated) ? fileIdsIn(generated.files) : [];
  const change = metadataChange(sent, wanted, generated.sessionId);
  if (change === undefined) return { outcome, metadata: wanted };
  if (fileIds.length === 0) return { outcome, metadata: sent };
  try {
    await Promise.all(
      fileIds.map((FileId) => client.call("ModifyMediaInfo", { FileId, SubAppId: subAppId, ...change })),
    );
    return { outcome, metadata: wanted };
  } catch (error) {
    if (!TencentAigcError.isInstance(error)) throw error;
    const problem = [
      ...(outcome.problem ?? []),
      `The picture is there, but its metadata could not be set: ${error.message}`,
    ];
    return { outcome: { ...outcome, problem }, metadata: sent };
  }
}

/**
 * What to send so that files get the wanted metadata.
 * @param defaultName what files are named that were given no name; a file that was taken over keeps its own
 */
export function metadataChange(
  sent: Metadata,
  wanted: Metadata,
  defaultName: string | undefined,
): Partial<ModifyMediaInfoRequest> | undefined {
  const differing = metadataKeys.filter((key) => sent[key] !== wanted[key]);
  const values = {
    mediaName: { Name: wanted.mediaName ?? defaultName },
    classId: { ClassId: wanted.classId ?? noClass },
    expireTime: { ExpireTime: wanted.expireTime ?? neverExpires },
  };
  const change = Object.assign({}, ...differing.map((key) => values[key]));
  if (change.Name === undefined) delete change.Name;
  return Object.keys(change).length > 0 ? change : undefined;
}
