import { readConfiguration } from "../../provider/configuration";
import { version } from "../../provider/version";
import type { Command, Surroundings } from "../command";
import { bill } from "./bill";
import { examine } from "./examine";
import { exitStatus, findingLines } from "./finding";
import { readOptions } from "./options";
import { writeReport } from "./report";
import { settingsOf } from "./stackConfig";

const help = `Usage: npx pulumi-tencent-aigc doctor [options]

Tells whether this machine and this account will do: host, clock, keys, SubAppId, the permission for each action,
quota, journal, versions. What it sends can neither bill nor change anything. Ends with 1 where something failed.

  --sub-app-id ID         the application, as tencent-aigc:subAppId
  --stack NAME            also reads the config of this stack, by the Pulumi CLI, in the project's directory
  --json                  prints JSON
  --report FILE           also writes JSON to FILE, without keys, for a report of a fault

  --bill-one-image        generates one picture, which is billed, sends its request twice, and tells what that shows
                          of the service. Asks for the amount to be typed at a terminal; no option skips that.
                          Writes its report to FILE, or pulumi-tencent-aigc-doctor.json
  --model-name NAME --model-version VERSION
                          the model of that picture (Hunyuan 3.0: in every published list of models)
`;

export const doctor: Command = {
  help,
  async run(args, surroundings) {
    const options = readOptions(args);
    const { env, stdout } = surroundings;
    const configuration = readConfiguration(await settingsOf(options, env), env);
    if (options.billOneImage) return bill(options, configuration, surroundings);
    const { findings, policy } = await examine({
      configuration,
      env,
      directory: process.cwd(),
      nodeVersion: process.versions.node,
    });
    const report = { package: version, node: process.versions.node, platform: process.platform, findings, policy };
    if (options.report !== undefined) await writeReport(options.report, report);
    if (options.json) stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
    else tell(surroundings, findingLines(findings), policy);
    return exitStatus(findings);
  },
};

function tell({ stdout }: Surroundings, lines: readonly string[], policy: object | undefined): void {
  const grant =
    policy === undefined
      ? []
      : ["", "The least policy, in CAM's syntax (see docs/permissions.md):", JSON.stringify(policy, undefined, 2)];
  stdout.write(`${[...lines, ...grant].join("\n")}\n`);
}
