import { namespace, readConfiguration } from "../configuration";
import { isGiven, type JsonObject } from "../schema/json";
import { openServiceClient } from "../serviceClient";
import { TencentAigcError } from "../vod/errors";
import { callFunction } from "./functions";
import type { FunctionName } from "./schema";
import { SharedClients } from "./sharedClients";

const clients = new SharedClients((configuration) => openServiceClient({ configuration, env: process.env }));

/** What a function came to: its result, or why there is none, which holds no secret. */
export type Answer = { readonly result: object } | { readonly refused: string };

/**
 * Calls a function in the process of a program. It sends nothing that bills.
 *
 * @param config gives the value of a full key of the stack's config
 */
export async function ask(
  name: FunctionName,
  args: JsonObject,
  config: (key: string) => string | undefined,
): Promise<Answer> {
  try {
    const configuration = readConfiguration((key) => config(`${namespace}:${key}`), process.env);
    // As the engine sends them: what is not given is not there.
    const given = Object.fromEntries(Object.entries(args).filter(([, value]) => isGiven(value)));
    const answer = await clients.with(configuration, ({ client, now }) =>
      callFunction(name, given, { client, configuration, now }),
    );
    if ("result" in answer) return answer;
    const reasons = answer.failures.map(({ property, reason }) => `${property} ${reason}.`);
    return { refused: `${name}: ${reasons.join(" ")} Nothing was sent.` };
  } catch (error) {
    if (!TencentAigcError.isInstance(error)) throw error;
    return { refused: `${name}: ${error.message}` };
  }
}
