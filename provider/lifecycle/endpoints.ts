import type { JsonObject } from "../schema/json";
import { ConfigurationError } from "../vod/errors";
import type { Context } from "./context";

/** The emulator's pictures and the service's are never taken for one another. */
export type EndpointRelation = "same" | "stateIsEmulated";

/**
 * How the endpoint of stored outputs relates to the one in use. All real hosts are one service.
 * @throws where real pictures would be looked for at an emulator, and so be taken for gone
 */
export function endpointRelation(
  outputs: JsonObject,
  { client, configuration }: Pick<Context, "client" | "configuration">,
): EndpointRelation {
  const stored = String(outputs["endpoint"] ?? "");
  if (stored === "" || isLoopback(stored) === client.loopback) return "same";
  if (isLoopback(stored)) return "stateIsEmulated";
  throw new ConfigurationError([
    {
      key: "tencent-aigc:endpoint",
      rule: `is the emulator's address (${configuration.endpoint.host}), but this picture was generated at ${stored}`,
      fix: "Unset TENCENT_AIGC_ENDPOINT and `pulumi config rm tencent-aigc:endpoint`, or use another stack for the emulator.",
    },
  ]);
}

function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/.test(host);
}
