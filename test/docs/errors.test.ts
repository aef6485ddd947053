import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { endings } from "../../provider/service/endings";
import { meaningOf, meanings, nextStepFor, nextSteps, otherwise } from "../../provider/vod/nextSteps";
import { repository } from "./markdown";
import { type Messages, messagesInCode, type Told } from "./messages";

const path = join(repository, "docs", "errors.md");
const command = "UPDATE_DOCS=1 npx vitest run test/docs/errors.test.ts";

interface Section {
  readonly title: string;
  /** What holds of all that is said here: whether it is billed, and what to do. */
  readonly about: string;
  /** Files, or folders. */
  readonly from: readonly string[];
}

/** Where each file's messages belong. One that has messages and is not here fails the test. */
const sections: readonly Section[] = [
  {
    title: "The program is refused",
    about:
      "At preview, by the program itself, as `RunError` or `ResourceError`. Nothing was sent, and nothing is billed. The " +
      "message says what to change in the program.",
    from: ["provider/aigcImageTask.ts", "provider/carriedInputs.ts", "provider/programChecks.ts"],
  },
  {
    title: "An input is refused",
    about:
      "At preview, and again at `pulumi up`, at the input's own path. Nothing was sent, and nothing is billed. Correct the " +
      "input; the next `pulumi preview` checks all of them, at no cost.",
    from: [
      "provider/schema/",
      "provider/functions/schema.ts",
      "provider/pluginServer/server.ts",
      "provider/localFiles.ts",
      "provider/lifecycle/check.ts",
      "provider/lifecycle/sessionIds.ts",
    ],
  },
  {
    title: "A setting, or the keys",
    about:
      "A `ConfigurationError`: which setting, what is allowed there, and how to set it right. Nothing was sent, and nothing " +
      "is billed. Settings are told at preview. Keys are looked for at preview, which goes on without them, and needed at " +
      "`pulumi up`. What holds for all pictures is told at the first; the others name it. An explicit provider of the plugin is " +
      "told its own property where the stack's config is named here.",
    from: [
      "provider/configuration.ts",
      "provider/money/",
      "provider/pluginServer/config.ts",
      "provider/services.ts",
      "provider/vod/credentials/",
      "provider/vod/endpoint.ts",
      "provider/vod/proxy.ts",
      "provider/vod/errors.ts",
      "provider/vod/transport.ts",
      "provider/lifecycle/endpoints.ts",
      "provider/lifecycle/saidOnce.ts",
    ],
  },
  {
    title: "Nothing was sent for a picture",
    about:
      "At `pulumi up`. The picture is not in state, or is there as it was, and nothing is billed for it by this update. What " +
      "is in the way is named; once it is gone, `pulumi up` goes on, and looks before it sends.",
    from: [
      "provider/engineLink.ts",
      "provider/openCalls.ts",
      "provider/generation/dailyLimit.ts",
      "provider/generation/firstVersion.ts",
      "provider/generation/generate.ts",
      "provider/generation/lookUp.ts",
      "provider/generation/refusals.ts",
      "provider/generation/spendGuard.ts",
      "provider/generation/submit.ts",
      "provider/lifecycle/read.ts",
      "provider/service/look.ts",
      "provider/service/library.ts",
      "provider/service/taskList.ts",
    ],
  },
  {
    title: "A picture is not imported, or not read",
    about:
      "At `pulumi import`, with the option `import`, where a program reads a picture by its id, and by functions. Nothing " +
      "was sent, and nothing is billed.",
    from: ["provider/lifecycle/import.ts", "provider/functions/functions.ts", "provider/functions/ask.ts"],
  },
  {
    title: "A picture is in state, and not ready",
    about:
      "At `pulumi up`, and again at each one until it is. The resource keeps its task, and nothing is sent but what preview " +
      "has announced. Pulumi starts no other resource after one that fails, unless `--continue-on-error` is given. " +
      'What a message begins with as *ended* is the text "Task … ended without a picture: …", with a reason of the last table.',
    from: ["provider/generation/messages.ts", "provider/generation/outcomes.ts"],
  },
  {
    title: "The service was asked",
    about: "One request and its answer. *nextStepFor* is what the list of codes below says.",
    from: [
      "provider/vod/answer.ts",
      "provider/vod/contentEncoding.ts",
      "provider/vod/failures.ts",
      "provider/vod/requestBody.ts",
    ],
  },
  {
    title: "Lines that go along",
    about:
      "Rows, notes and warnings. None of them fails anything, and none is billed but what a row says that it bills. Where a " +
      "warning asks for something, the update goes on without it.",
    from: [
      "provider/generation/lookInJournal.ts",
      "provider/generation/progressTexts.ts",
      "provider/generation/sharedCounts.ts",
      "provider/temporaryFolder.ts",
      "provider/generation/slots.ts",
      "provider/journal/",
      "provider/bill/",
      "provider/lifecycle/announce.ts",
      "provider/lifecycle/bill.ts",
      "provider/lifecycle/create.ts",
      "provider/lifecycle/delete.ts",
      "provider/lifecycle/diff.ts",
      "provider/lifecycle/keep.ts",
      "provider/lifecycle/leftFile.ts",
      "provider/lifecycle/metadata.ts",
    ],
  },
  {
    title: "npx pulumi-tencent-aigc",
    about:
      "What its commands print; [commands.md](commands.md) has them. They bill nothing, but `doctor --bill-one-image` after " +
      "its amount was typed. They end with 2 where they were called in a wrong way, and with 1 where something failed.",
    from: [
      "command/audit/",
      "command/bill.ts",
      "command/billReport.ts",
      "command/pull/",
      "command/run.ts",
      "command/runPulumi.ts",
      "command/stackExport.ts",
      "command/stackResources.ts",
    ],
  },
  {
    title: "npx pulumi-tencent-aigc doctor",
    about:
      "What it finds, and what to do. Whatever is sent for it can neither bill nor change anything. The last lines are those " +
      "of `--bill-one-image`, which bills 1 image, and says so before it asks for the amount.",
    from: ["command/doctor/"],
  },
  {
    title: "The engine of pulumi-tencent-aigc/testing",
    about:
      "What the engine says that runs a program without the Pulumi CLI; as Pulumi's own engine does, where that says the same. " +
      "What it bills is told by the provider, as above.",
    from: ["engine/"],
  },
];

/**
 * Printed from the tables themselves: decisions in `docs/guarantees.md`, assumptions in `docs/doctor.md`, settings in the
 * package's schema, codes below. Or it puts these messages into other words.
 */
const tables = [
  "provider/generation/decide.ts",
  "provider/service/endings.ts",
  "provider/vod/nextSteps.ts",
  "command/doctor/trial/assumptions.ts",
  "provider/pluginServer/providerWords.ts",
  "provider/pluginServer/settings.ts",
];

const bills: Readonly<Record<string, string>> = {
  no: "billed nothing",
  yes: "billed",
  unknown: "may be billed, once",
  "unknown or no": "a submit may be billed, once; anything else is not",
};

const belongs = (from: readonly string[], { file }: Messages) =>
  from.some((place) => (place.endsWith("/") ? file.startsWith(place) : file === place));

function document(all: readonly Messages[]): string {
  return [
    "# Errors and messages",
    `<!-- Printed from the code by \`${command}\`. -->`,
    "Every message that this package can show: what happened, whether it is billed, and what to do. Words in italics stand for " +
      "what is known only then. No message holds a key, a signature or the text of an input. An error is a " +
      "`TencentAigcError` with `billed`, `nextStep`, and `code`, `requestId` or `taskId` where there is one.",
    ...sections.flatMap(({ title, about, from }) => {
      const here = all.filter((messages) => belongs(from, messages));
      const items = [
        ...here.flatMap(({ told }) => told.map(toldItem)),
        ...here.flatMap(({ texts }) => texts.map(textItem)),
      ];
      return [`## ${title}`, about, items.join("\n")];
    }),
    "## Codes of the service, and what to do",
    "In an answer that refuses a request. A code is looked up whole, then without its last part. Where one tells of the key, " +
      "the message begins with what it means.",
    [...stepsByCode(), `- any other: ${otherwise}`].join("\n"),
    "## Why a task ended without a picture",
    "By `ErrCodeExt`. What never ran, or failed for a cause that may pass, is sent again by the next `pulumi up`, after " +
      "preview has said so. Any other code lasts. Whether the service charges failed tasks is not documented.",
    Object.entries(endings)
      .map(([code, { cause, meaning }]) => `- \`${code}\` (${causes[cause]}): ${meaning}.`)
      .join("\n"),
  ]
    .join("\n\n")
    .concat("\n");
}

function stepsByCode(): string[] {
  return [...new Set([...Object.keys(meanings), ...Object.keys(nextSteps)])].sort().map((code) => {
    const meaning = meaningOf(code);
    return `- \`${code}\`: ${meaning === undefined ? "" : `${meaning}. `}${nextStepFor("DescribeTasks", code, undefined)}`;
  });
}

const causes = { neverRan: "never ran", passing: "may pass", lasting: "lasts" } as const;

function toldItem({ what, billed, nextStep }: Told): string {
  return `- ${shown(what)} – ${bills[billed] ?? billed}\n\n  ${shown(nextStep)}`;
}

function textItem(text: string): string {
  return `- ${shown(text)}`;
}

/** What is put in is in italics; within a command it stays as it is. */
function shown(text: string): string {
  const parts = text.trim().split(/(`[^`]*`)/);
  return parts.map((part) => (part.startsWith("`") ? part : part.replace(/<([^<>]+)>/g, "*$1*"))).join("");
}

test("every message that the code can show is in docs/errors.md, and nothing else is", () => {
  const all = messagesInCode().filter(
    ({ file, told, texts }) => !tables.includes(file) && told.length + texts.length > 0,
  );
  const homeless = all.filter((messages) => !sections.some(({ from }) => belongs(from, messages)));
  expect(
    homeless.map(({ file }) => file),
    "files whose messages are in no section",
  ).toEqual([]);
  const current = document(all);
  if (process.env["UPDATE_DOCS"] === "1") writeFileSync(path, current);
  else expect(existsSync(path) ? readFileSync(path, "utf8") : "", `not as \`${command}\` prints it`).toBe(current);
});

test("every error says whether it is billed in words that the document has", () => {
  const said = messagesInCode().flatMap(({ told }) => told.map(({ billed }) => billed));
  expect([...new Set(said)].filter((billed) => !(billed in bills))).toEqual([]);
});
