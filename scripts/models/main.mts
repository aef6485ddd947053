// Compares the table of models with the newest SDK of the vendor. Ends with 1 where they differ.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { models } from "../../dist/provider/schema/models.js";
import { compare } from "./compare.mts";
import { ours } from "./ours.mts";
import { readSdk } from "./sdkText.mts";

/** The one on npm that is renewed at each change of the service, as text in Chinese. */
const sdk = "tencentcloud-sdk-nodejs";
const declarations = "package/tencentcloud/services/vod/v20180717/vod_models.d.ts";
const windows = process.platform === "win32";

const folder = mkdtempSync(join(tmpdir(), "tencent-aigc-models-"));
try {
  const packed = execFileSync("npm", ["pack", `${sdk}@latest`, "--json", "--pack-destination", folder], {
    encoding: "utf8",
    shell: windows,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [{ filename, version }] = JSON.parse(packed);
  execFileSync("tar", ["-xzf", filename, declarations], { cwd: folder });
  const { differences, notes } = compare(ours, readSdk(readFileSync(join(folder, declarations), "utf8")));

  console.log(`${models.length} rows, compared with ${sdk} ${version}.`);
  for (const [source, rows] of Map.groupBy(models, (row) => `${row.source}, compared on ${row.compared}`)) {
    console.log(`  ${rows.length} from ${source}`);
  }
  for (const note of notes) console.log(`  note        ${note}`);
  for (const difference of differences) console.log(`  DIFFERENCE  ${difference}`);
  console.log(differences.length === 0 ? "No difference." : 'CONTRIBUTING.md, "A new model", says what to do.');
  process.exitCode = differences.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
