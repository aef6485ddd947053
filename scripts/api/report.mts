/**
 * The public API as text, a file for each entry of the package: a change of it shows in the diff of a pull request, and
 * one that nobody meant fails `npm run check`.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CompilerState,
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
  ExtractorMessageCategory,
  type IExtractorInvokeOptions,
} from "@microsoft/api-extractor";

const root = join(import.meta.dirname, "..", "..");
const folder = join(root, "api");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** Each entry's declarations, by the name of its report. */
const entries = Object.entries<string | { readonly types: string }>(manifest.exports).flatMap(([entry, target]) =>
  typeof target === "string" ? [] : [{ name: entry.slice(2) || "index", types: join(root, target.types) }],
);

/** @returns the exit code: 1 where a report is not that of the API */
export function report({ write }: { readonly write: boolean }): number {
  mkdirSync(folder, { recursive: true });
  const temporary = mkdtempSync(join(tmpdir(), "aigc-api-"));
  try {
    const configs = entries.map(({ name, types }) => configOf(name, types, temporary));
    // One compiler for all: most of the time goes into reading the declarations of Pulumi's SDK.
    const [first, ...others] = configs;
    if (first === undefined) throw new Error("package.json exports nothing with types");
    const compilerState = CompilerState.create(first, {
      additionalEntryPoints: others.map(({ mainEntryPointFilePath }) => mainEntryPointFilePath),
    });
    const options: IExtractorInvokeOptions = {
      compilerState,
      localBuild: write,
      messageCallback: (message) => {
        // Which compiler it has, and how to do what the last line of this says.
        message.handled = message.category === ExtractorMessageCategory.Console && message.logLevel !== "error";
      },
    };
    const changed = configs.filter((config) => Extractor.invoke(config, options).apiReportChanged);
    const names = changed.map(({ reportFilePath }) => `api/${reportFilePath.slice(folder.length + 1)}`);
    if (write) console.log(names.length > 0 ? `Wrote ${names.join(", ")}.` : "The reports are those of the API.");
    else if (names.length > 0) {
      console.error(
        `The public API is another one than in ${names.join(", ")}. If that is meant, run \`npm run api\` and commit what ` +
          "it writes; what was there before and is gone, or asks for more, is a breaking change.",
      );
    }
    return write || names.length === 0 ? 0 : 1;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function configOf(name: string, types: string, temporary: string): ExtractorConfig {
  return ExtractorConfig.prepare({
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: types,
      compiler: { tsconfigFilePath: join(root, "tsconfig.json") },
      apiReport: { enabled: true, reportFileName: name, reportFolder: folder, reportTempFolder: temporary },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: "lf",
      messages: {
        // Tags of releases are not used here; other pages check docstrings.
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Warning } },
        extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(root, "package.json"),
  });
}
