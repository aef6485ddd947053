import { type Library, type LibraryFile, withoutName } from "../service/library";
import { absent, found, type Look } from "../service/look";
import type { FoundFiles } from "./evidence";
import { type FirstVersionDependencies, filesOfFirstVersion } from "./firstVersion";
import { sessionIdOf } from "./generationId";
import type { Intention } from "./intention";
import { commonTag, pictureAmong, tagOf } from "./names";
import type { GenerationRecord } from "./record";
import { type KnownSubmission, sessionIdIn, submissionOf } from "./submissions";

/** Files of the intention in the media library, by the FileIds that are known, by name and by tag. */
export async function filesOf(
  dependencies: FirstVersionDependencies,
  intention: Intention,
  ids: readonly string[],
  entries: readonly KnownSubmission[],
  stored: GenerationRecord | undefined,
): Promise<Look<FoundFiles>> {
  if (!intention.permanent) return absent;
  const library = dependencies.libraryOf(intention.request.SubAppId);
  const remembered = entries.findLast(({ fileIds }) => fileIds !== undefined);
  if (remembered?.fileIds) {
    const looks = await library.files(remembered.fileIds);
    const there = looks.flatMap((look) => (look.kind === "found" ? [look.value] : []));
    if (there.length > 0) return found(rememberedFiles(remembered, there));
  }
  const looks = await Promise.all(ids.map((id) => filesNamed(library, id, intention.imagesAsked)));
  const named = looks.find((look) => look.kind === "found");
  if (named) return found(withTask(named.value, entries));
  const legacy = await filesOfFirstVersion(dependencies, intention, stored, entries);
  if (legacy.kind === "found") return legacy;
  return [...looks, legacy].find((look) => look.kind === "unknown") ?? absent;
}

function rememberedFiles(entry: KnownSubmission, files: readonly LibraryFile[]): FoundFiles {
  return {
    files: files.map(withoutName),
    generationId: entry.generationId,
    sessionId: sessionIdIn(entry),
    submission: submissionOf(entry),
    taskId: entry.taskId,
    ordered: true,
  };
}

/** By name, and where that gives fewer than were asked for, by tag as well. */
async function filesNamed(library: Library, id: string, imagesAsked: number): Promise<Look<FoundFiles>> {
  const byName = await library.filesPrefixed(id);
  if (byName.kind === "unknown") return byName;
  const named = byName.kind === "found" ? byName.value : [];
  const enough = named.length >= imagesAsked;
  const byTag = enough ? absent : await library.filesTaggedAmong(commonTag, tagOf(id));
  const all = new Map([...named, ...(byTag.kind === "found" ? byTag.value : [])].map((file) => [file.fileId, file]));
  const picture = pictureAmong([...all.values()], id, imagesAsked);
  if (!picture) return byTag.kind === "unknown" ? byTag : absent;
  const { submission } = picture;
  return found({
    files: picture.files.map(withoutName),
    generationId: id,
    sessionId: submission === undefined ? undefined : sessionIdOf(id, undefined, submission),
    submission: submission === undefined ? undefined : { number: submission, attempt: submission },
    taskId: undefined,
    ordered: picture.ordered,
  });
}

/** What the journal knows of the submission whose files were found: its task, and the SessionId as it was sent. */
function withTask(files: FoundFiles, entries: readonly KnownSubmission[]): FoundFiles {
  const entry = entries.find(
    ({ generationId, submission }) => generationId === files.generationId && submission === files.submission?.number,
  );
  if (!entry) return files;
  return {
    ...files,
    sessionId: sessionIdIn(entry) ?? files.sessionId,
    submission: submissionOf(entry),
    taskId: entry.taskId,
  };
}
