import { adoptionLine } from "./adoption";
import type { ApplicationReport, FileRow, LostRow, TaskRow, Verdict } from "./judge";

export interface AuditReport {
  readonly version: 1;
  /** Whether everything could be judged that the service still tells of. */
  readonly complete: boolean;
  readonly applications: readonly ApplicationReport[];
  /** Pictures in the stacks that were generated elsewhere than at the service that was asked. */
  readonly elsewhere: readonly string[];
}

/** 1 where something is orphaned or lost, or where not everything could be judged. */
export function exitStatus({ complete, applications }: AuditReport): 0 | 1 {
  const isFound = applications.some(
    ({ tasks, files, lost }) => lost.length > 0 || [...tasks, ...files].some(({ verdict }) => verdict === "orphaned"),
  );
  return complete && !isFound ? 0 : 1;
}

export function isComplete({ tasks, gaps }: ApplicationReport): boolean {
  return gaps.length === 0 && !tasks.some(({ verdict }) => verdict === "unknown");
}

/** The sums of an application's tasks. */
export function sumsOf({ tasks }: ApplicationReport) {
  const count = (...verdicts: Verdict[]) => tasks.filter(({ verdict }) => verdicts.includes(verdict)).length;
  const own = tasks.filter(({ verdict }) => verdict !== "anothers");
  const images = (rows: readonly TaskRow[]) => rows.reduce((sum, row) => sum + row.images, 0);
  return { count, own: own.length, ownImages: images(own), images: images(tasks) };
}

export function reportText({ applications, elsewhere }: AuditReport): string {
  const others =
    elsewhere.length > 0
      ? [
          `Not judged, because they were generated elsewhere than at the service that was asked: ${elsewhere.join(", ")}.`,
          "",
        ]
      : [];
  return [...applications.flatMap(applicationLines), ...others].join("\n");
}

function applicationLines(report: ApplicationReport): string[] {
  const { subAppId, since, tasks, files } = report;
  const { count, own, ownImages } = sumsOf(report);
  const parts = [
    [count("held"), "held by a stack"],
    [count("lookedFor"), "found by the next pulumi up"],
    [count("orphaned"), "orphaned"],
    [count("left"), "left on purpose"],
    [count("gone"), "whose files were deleted"],
    [count("running"), "running"],
    [count("failed"), "failed, which bills nothing"],
    [count("unknown"), "not known"],
  ] as const;
  const named = parts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  return [
    `SubAppId ${subAppId}`,
    `  Tasks since ${since}: ${own} of this package, which made ${plural(ownImages, "image")}${list(named)}.`,
    ...othersLines(report),
    ...usageLines(report),
    `  The service tells of no older task: of those only files that it still has were judged.`,
    ...orphanLines(
      tasks.filter(({ verdict }) => verdict === "orphaned"),
      files.filter(({ verdict }) => verdict === "orphaned"),
    ),
    ...unknownLines(tasks),
    ...lostLines(report.lost),
    ...report.gaps.map((gap) => `  Not judged: ${gap}`),
    "",
  ];
}

function othersLines(report: ApplicationReport): string[] {
  const others = report.tasks.filter(({ verdict }) => verdict === "anothers");
  const images = others.reduce((sum, row) => sum + row.images, 0);
  return others.length > 0
    ? [`  Of other programs: ${plural(others.length, "task")}, which made ${plural(images, "image")}; not judged.`]
    : [];
}

function usageLines(report: ApplicationReport): string[] {
  const { usage } = report;
  if (usage.kind === "unknown") return [`  Usage: not told (${usage.why})`];
  const { images } = sumsOf(report);
  return [
    `  Usage: the service has counted ${plural(usage.images, "image")} in that time, with some delay; these tasks made ${images}.`,
  ];
}

function orphanLines(tasks: readonly TaskRow[], files: readonly FileRow[]): string[] {
  if (tasks.length + files.length === 0) return [];
  return [
    "",
    "  Orphaned: paid for, and in no stack that was given",
    ...tasks.flatMap(({ adopt, taskId, images, createTime, model, sentFor }) => [
      `    ${[`task ${taskId}`, model, plural(images, "image"), createTime, sentFor && `sent for ${sentFor}`].filter(Boolean).join(", ")}`,
      ...(adopt ? [`      ${adoptionLine(adopt)}`] : []),
    ]),
    ...files.flatMap(({ adopt, generationId, fileIds }) => [
      `    ${plural(fileIds.length, "file")} of ${generationId}, whose task the service no longer tells`,
      ...(adopt ? [`      ${adoptionLine(adopt)}`] : []),
    ]),
    "  Where a program still declares the picture, the next pulumi up finds it, unbilled. Otherwise paste the line among",
    "  the inputs of a new AigcImageTask: it takes the picture over, unbilled. adoptTaskId works for 3 days.",
  ];
}

function unknownLines(tasks: readonly TaskRow[]): string[] {
  const unknown = tasks.filter(({ verdict }) => verdict === "unknown");
  return unknown.length > 0
    ? ["", "  Not known", ...unknown.map(({ taskId, why }) => `    task ${taskId}: ${why}`)]
    : [];
}

const reasons: Readonly<Record<LostRow["reason"], string>> = {
  deleted: "its files were deleted",
  expired: "it has expired",
  notFound: "the service knows neither a task nor a file of it",
};

function lostLines(lost: readonly LostRow[]): string[] {
  if (lost.length === 0) return [];
  return [
    "",
    "  In a stack, and no longer at the service",
    ...lost.map(({ resource, reason, fileIds = [] }) => `    ${resource}: ${[reasons[reason], ...fileIds].join(" ")}`),
    "  pulumi up leaves them as they are. After a pulumi refresh, which forgets what is gone, it bills them anew.",
  ];
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function list(parts: readonly string[]): string {
  return parts.length > 0 ? `; ${parts.join(", ")}` : "";
}
