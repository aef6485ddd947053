import type { Configuration } from "../../provider/configuration";
import { openServiceClient } from "../../provider/serviceClient";
import { version } from "../../provider/version";
import { serviceOf } from "../../provider/vod/endpoint";
import { type Surroundings, UsageError } from "../command";
import { closing } from "./examine";
import type { DoctorOptions } from "./options";
import { writeReport } from "./report";
import { tellAssumptions } from "./trial/assumptions";
import { billOneImage } from "./trial/billOneImage";
import { confirmed } from "./trial/confirm";
import { type Trial, TrialRecord } from "./trial/record";

const reportName = "pulumi-tencent-aigc-doctor.json";

/** Runs the trial that bills, with a report that is written anew at each step. */
export async function bill(
  { modelName, modelVersion, report = reportName }: DoctorOptions,
  configuration: Configuration,
  surroundings: Surroundings,
): Promise<0 | 1> {
  const { env, stdout } = surroundings;
  const { endpoint, subAppId, journalDir, prices } = configuration;
  if (subAppId === undefined) throw new UsageError("give --sub-app-id, or --stack for tencent-aigc:subAppId");
  const head = {
    package: version,
    node: process.versions.node,
    platform: process.platform,
    host: endpoint.loopback ? "loopback" : endpoint.host,
  };
  // A place that cannot be written is found out before anything is billed.
  await writeReport(report, head);
  const { client, clock } = openServiceClient({ configuration, env });
  return closing(client, () =>
    billOneImage({
      client,
      clock,
      subAppId,
      modelName,
      modelVersion,
      prices,
      record: new TrialRecord(journalDir, serviceOf(endpoint), subAppId),
      say: (text) => void stdout.write(`${text}\n`),
      confirm: () => confirmed(surroundings),
      save: (trial) => writeReport(report, { ...head, trial: shown(trial), assumptions: tellAssumptions(trial.facts) }),
    }),
  );
}

function shown({ sessionId, intent, accepted, fileId, secondSent, over }: Trial): object {
  const { at, modelName, modelVersion } = intent;
  const begun = new Date(at).toISOString();
  return { sessionId, taskId: accepted?.taskId, fileId, modelName, modelVersion, begun, secondSent, over };
}
