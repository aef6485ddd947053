import { readFile } from "node:fs/promises";
import { readConfiguration } from "../../provider/configuration";
import { openServiceClient } from "../../provider/serviceClient";
import type { VodClient } from "../../provider/vod/client";
import type { Clock } from "../../provider/vod/clock";
import { isLoopback } from "../../provider/vod/endpoint";
import { type Command, type Surroundings, UsageError } from "../command";
import { closing } from "../doctor/examine";
import { settingsOf } from "../doctor/stackConfig";
import { readStackExport } from "../stackExport";
import { pictureResources } from "../stackResources";
import { type Left, leftIn } from "./adoption";
import { askService } from "./ask";
import { type Held, heldOf } from "./held";
import { type ApplicationReport, judge } from "./judge";
import { type AuditOptions, readOptions } from "./options";
import { type AuditReport, exitStatus, isComplete, reportText } from "./report";

const help = `Usage: npx pulumi-tencent-aigc audit [FILE …] [options]

Compares what was paid for with what your stacks hold: pictures that are in no stack, with the line that takes each over;
files that outlived their task; what stacks hold that the service no longer has. It only asks: it bills and changes nothing.

  pulumi stack export > dev.json
  npx pulumi-tencent-aigc audit dev.json

Give every stack that uses the SubAppId: what a stack holds that was not given counts as orphaned.

  FILE …                  stacks from pulumi stack export; - reads one from standard input
  --stack NAME            in place of a file, also several times: runs pulumi stack export, in the project's directory.
                          The first one's config gives keys and SubAppId
  --sub-app-id ID         audits this application only; else those of the stacks and of tencent-aigc:subAppId
  --left FILE             what TENCENT_AIGC_LEFT_FILE has named: left on purpose, and not orphaned
  --json                  prints JSON

Tasks can be asked for 3 days back; of older ones only their Permanent files can be judged. What the tasks of other
programs made is counted and not judged. Keys are found as by pulumi up (docs/credentials.md).

Ends with 0 where nothing was found, with 1 where something is orphaned or lost, or could not be judged or asked, with 2
where it was called in a wrong way.
`;

export const audit: Command = {
  help,
  async run(args, surroundings) {
    const options = readOptions(args);
    const { env, stdout } = surroundings;
    const held = await heldIn(options, surroundings);
    const left = await leftBy(options);
    const configuration = readConfiguration(await settingsOf({ ...options, stack: options.configStack }, env), env);
    const { client, clock } = openServiceClient({ configuration, env });
    const report = await closing(client, () => {
      const isHere = ({ endpoint = client.host }: Held) => isLoopback(hostname(endpoint)) === client.loopback;
      const here = held.filter(isHere);
      return auditAll({
        client,
        clock,
        here,
        elsewhere: held.filter((one) => !isHere(one)).map(({ resource }) => resource),
        subAppIds: applications(options, configuration.subAppId, here),
        left,
        surroundings,
      });
    });
    stdout.write(options.json ? `${JSON.stringify(report, undefined, 2)}\n` : reportText(report));
    return exitStatus(report);
  },
};

async function heldIn({ sources }: AuditOptions, surroundings: Surroundings): Promise<Held[]> {
  const held: Held[] = [];
  for (const source of sources) {
    held.push(...pictureResources(await readStackExport(source, surroundings)).map(heldOf));
  }
  return held;
}

async function leftBy({ left }: AuditOptions): Promise<Left> {
  if (left === undefined) return leftIn("");
  try {
    return leftIn(await readFile(left, "utf8"));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    throw new Error(
      `${JSON.stringify(left)} cannot be read (${code}). Give the file that TENCENT_AIGC_LEFT_FILE named.`,
    );
  }
}

/** Which applications are asked for, in the order of their ids. */
function applications(options: AuditOptions, configured: number | undefined, held: readonly Held[]): number[] {
  const all = options.subAppId === undefined ? held.flatMap(({ subAppId }) => subAppId ?? []) : [];
  const subAppIds = [...new Set([...(configured === undefined ? [] : [configured]), ...all])];
  if (subAppIds.length > 0) return subAppIds.sort((one, other) => one - other);
  throw new UsageError("the stacks name no SubAppId: give --sub-app-id, or --stack for tencent-aigc:subAppId");
}

/** Without its port. */
function hostname(host: string): string {
  return host.replace(/:\d+$/, "");
}

interface AuditAll {
  readonly client: VodClient;
  readonly clock: Clock;
  /** What the stacks hold of this service. */
  readonly here: readonly Held[];
  readonly elsewhere: readonly string[];
  readonly subAppIds: readonly number[];
  readonly left: Left;
  readonly surroundings: Surroundings;
}

async function auditAll({
  client,
  clock,
  here,
  elsewhere,
  subAppIds,
  left,
  surroundings,
}: AuditAll): Promise<AuditReport> {
  const reports: ApplicationReport[] = [];
  for (const subAppId of subAppIds) {
    const { stderr } = surroundings;
    const isTerminal = "isTTY" in stderr && stderr.isTTY;
    const onProgress = (asked: number, tasks: number) => {
      if (isTerminal && (asked % 100 === 0 || asked === tasks)) stderr.write(`${asked} of ${tasks} tasks asked for\n`);
    };
    // Whose application cannot be read is asked for in each of them.
    const held = here.filter((one) => one.subAppId === undefined || one.subAppId === subAppId);
    reports.push(judge(await askService({ client, clock, subAppId, held, onProgress }), held, left));
  }
  return { version: 1, complete: reports.every(isComplete), applications: reports, elsewhere };
}
