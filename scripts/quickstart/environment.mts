import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Emulator } from "pulumi-tencent-aigc/emulator";

const foreign = /^(PULUMI|TENCENT)/;
const proxies = ["NO_PROXY", "no_proxy"];

/**
 * Changes an environment so that nothing of the user's is touched: neither the stacks and login of their Pulumi, nor their
 * keys at Tencent Cloud. State, settings, Pulumi's own files and temporary ones go to `folder`, requests to the emulator.
 */
export function makeHermetic(
  env: NodeJS.ProcessEnv,
  { folder, emulator }: { readonly folder: string; readonly emulator: Emulator },
): void {
  for (const name of Object.keys(env)) {
    if (foreign.test(name)) delete env[name];
  }
  // Engine, program and provider talk to each other on this machine.
  for (const name of proxies) env[name] = [env[name], "127.0.0.1"].filter((part) => part).join(",");
  const temporary = join(folder, "tmp");
  mkdirSync(temporary);
  for (const name of ["TMPDIR", "TMP", "TEMP"]) env[name] = temporary;
  Object.assign(env, {
    PATH: [dirname(process.execPath), env.PATH].join(delimiter),
    PULUMI_HOME: join(folder, "home"),
    PULUMI_BACKEND_URL: pathToFileURL(join(folder, "state")).href,
    PULUMI_CONFIG_PASSPHRASE: randomBytes(24).toString("base64url"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // `npm run check` checks the program's types; to do it at each update takes longer than the update.
    PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    XDG_STATE_HOME: folder,
    TENCENT_AIGC_ENDPOINT: emulator.url,
    TENCENTCLOUD_SECRET_ID: emulator.secretId,
    TENCENTCLOUD_SECRET_KEY: emulator.secretKey,
  });
}
