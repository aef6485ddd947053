import { type Configuration, homeDirectory } from "../../provider/configuration";
import { openServiceClient } from "../../provider/serviceClient";
import type { VodClient } from "../../provider/vod/client";
import { ConfigurationError } from "../../provider/vod/errors";
import { askActions, checkKeys, judgeAnswers, missingPolicy, notAsked } from "./account";
import { type Finding, failed, notChecked } from "./finding";
import { askHost, judgeClock, judgeHost } from "./host";
import { checkJournal, judgeNode, judgePackages } from "./machine";

export interface Examination {
  readonly findings: readonly Finding[];
  /** The least policy in CAM's syntax, where a permission is missing. */
  readonly policy?: object;
}

export interface ExamineOptions {
  readonly configuration: Configuration;
  readonly env: NodeJS.ProcessEnv;
  /** Directory of the program. */
  readonly directory: string;
  readonly nodeVersion: string;
  readonly certificateAuthority?: string;
}

/** Looks at everything that a deployment needs. What it sends can neither bill nor change anything. */
export async function examine(options: ExamineOptions): Promise<Examination> {
  const { configuration, env, directory, nodeVersion } = options;
  const machine = [
    judgeNode(nodeVersion),
    judgePackages(directory),
    await checkJournal(configuration.journalDir, homeDirectory(env)),
  ];
  const service = await examineService(options);
  return { ...service, findings: [...service.findings, ...machine] };
}

async function examineService(options: ExamineOptions): Promise<Examination> {
  const { configuration, env, certificateAuthority } = options;
  const { endpoint, subAppId } = configuration;
  const keys = await checkKeys(configuration, env);
  const host = await askHostOrSay(options);
  const without = (why: string) => [keys, notChecked("SubAppId", why), ...notAsked(why)];
  if (host.kind === "problem")
    return { findings: [host.finding, judgeClock(undefined), ...without("the host was not asked")] };
  const reached = [judgeHost(endpoint.host, host.seen), judgeClock(host.seen.aheadMs)];
  if (!host.seen.isApi) return { findings: [...reached, ...without("the host did not answer")] };
  if (keys.status === "failed") return { findings: [...reached, ...without("there are no keys to ask with")] };
  if (subAppId === undefined) {
    const missing = failed("SubAppId", "none was given", "Give --sub-app-id, or --stack for `tencent-aigc:subAppId`.");
    return { findings: [...reached, keys, missing, ...notAsked("there is no SubAppId to ask for")] };
  }
  const { client } = openServiceClient({ configuration, env, certificateAuthority });
  return closing(client, async () => {
    const answers = await askActions(client, subAppId);
    const policy = missingPolicy(answers);
    return {
      findings: [...reached, ...judgeAnswers(answers, keys, subAppId)],
      ...(policy === undefined ? {} : { policy }),
    };
  });
}

type HostAsked =
  | { readonly kind: "seen"; readonly seen: Awaited<ReturnType<typeof askHost>> }
  | { readonly kind: "problem"; readonly finding: Finding };

async function askHostOrSay({ configuration, env, certificateAuthority }: ExamineOptions): Promise<HostAsked> {
  try {
    return { kind: "seen", seen: await askHost(configuration.endpoint, env, certificateAuthority) };
  } catch (error) {
    // A proxy variable that is no URL.
    if (!ConfigurationError.isInstance(error)) throw error;
    const [problem] = error.problems;
    const text = problem ? `${problem.key} ${problem.rule}` : error.message;
    return { kind: "problem", finding: failed("host", text, problem?.fix ?? error.nextStep) };
  }
}

export async function closing<T>(client: VodClient, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } finally {
    await client.close();
  }
}
