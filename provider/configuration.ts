import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { type Decimal, parseDecimal } from "./money/decimal";
import { type PriceList, priceRule, readPriceRows } from "./money/priceList";
import type { CredentialConfiguration } from "./vod/credentials";
import { defaultEndpoint, type Endpoint, parseEndpoint, stsEndpointFor, stsEndpointVariable } from "./vod/endpoint";
import { ConfigurationError, type ConfigurationProblem } from "./vod/errors";

/** The namespace of all keys in a stack's config. */
export const namespace = "tencent-aigc";

/** The environment variable that gives the endpoint where the stack's config does not. */
export const endpointVariable = "TENCENT_AIGC_ENDPOINT";

/** The environment variable that gives the journal's directory where the stack's config does not. */
export const journalDirVariable = "TENCENT_AIGC_JOURNAL_DIR";

/** A stack's settings, read and checked. */
export interface Configuration {
  /** What the stack's config says about credentials; sources are asked only when a request is to be signed. */
  configured: CredentialConfiguration;
  /** @default https://vod.intl.tencentcloudapi.com */
  endpoint: Endpoint;
  /** Where temporary keys are issued. @default beside `endpoint` */
  stsEndpoint: Endpoint;
  /** SubAppId for resources that give none. */
  subAppId?: number;
  /** Tasks running at the service at once, 1 to 1000. @default 1 */
  maxConcurrentTasks: number;
  /** Submits a second, 0.1 to 1000. @default 20 */
  requestsPerSecond: number;
  /** Images that one update may bill, 0 to 1,000,000. @default 100 */
  maxImagesPerUpdate: number;
  /** Images that may be sent for in 24 hours, 0 to 1,000,000. @default no limit */
  maxImagesPerDay?: number;
  /** What an image costs; absent where no price is given. */
  prices?: PriceList;
  /** What one update may cost, in the currency of the prices. */
  maxCostPerUpdate?: Decimal;
  /** Absolute path of the directory of the journal. @default `pulumi-tencent-aigc` in the user's state directory */
  journalDir: string;
  /** Whether a preview asks the service which pictures are there already. @default false */
  lookInPreview: boolean;
  /** Whether the model table's rules are skipped for the whole stack. @default false */
  allowUndocumentedModels: boolean;
  /** Whether a request without a `sessionContext` of its own carries project, stack and resource in it. @default false */
  tagSessionContext: boolean;
}

type Read<T> = (text: string) => T | undefined;

/**
 * Reads every setting.
 *
 * @param get gives the value of a bare key, such as `endpoint`
 * @throws ConfigurationError that names every setting that is not as it must be
 */
export function readConfiguration(
  get: (key: string) => string | undefined,
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): Configuration {
  const problems: ConfigurationProblem[] = [];

  const problem = (key: string, rule: string, example: string) => {
    const fix = `Set it with \`pulumi config set ${namespace}:${key} ${example}\`.`;
    problems.push({ key: `${namespace}:${key}`, rule, fix });
  };

  const setting = <T, D>(key: string, read: Read<T>, otherwise: D, rule: string, example: string): T | D => {
    const text = get(key)?.trim();
    if (text === undefined) {
      return otherwise;
    }
    const value = read(text);
    if (value === undefined) {
      problem(key, rule, example);
      return otherwise;
    }
    return value;
  };

  const endpoint = (): Endpoint => {
    const configured = get("endpoint")?.trim();
    const parsed = parseEndpoint(configured ?? (env[endpointVariable]?.trim() || defaultEndpoint), env);
    if (typeof parsed !== "string") {
      return parsed;
    }
    if (configured === undefined) {
      problems.push({ key: endpointVariable, rule: parsed, fix: `Correct or unset ${endpointVariable}.` });
    } else {
      problem("endpoint", parsed, defaultEndpoint);
    }
    return parseEndpoint(defaultEndpoint, env) as Endpoint;
  };

  const vodEndpoint = endpoint();
  const stsEndpoint = (): Endpoint => {
    const parsed = stsEndpointFor(vodEndpoint, env);
    if (typeof parsed !== "string") {
      return parsed;
    }
    problems.push({ key: stsEndpointVariable, rule: parsed, fix: `Correct or unset ${stsEndpointVariable}.` });
    return vodEndpoint;
  };
  const absolutePath = (text: string) => (isAbsolute(text) ? text : undefined);
  const journalDir = (): string => {
    const rule = "must be an absolute path";
    const configured = setting("journalDir", absolutePath, undefined, rule, '"$HOME/journal"');
    const fromEnvironment = env[journalDirVariable]?.trim();
    if (configured !== undefined || !fromEnvironment) return configured ?? defaultJournalDir(env, platform);
    if (!isAbsolute(fromEnvironment)) {
      problems.push({ key: journalDirVariable, rule, fix: `Correct or unset ${journalDirVariable}.` });
    }
    return fromEnvironment;
  };
  const currency = setting("currency", currencyCode, undefined, "must be a code of three capital letters", "USD");
  const prices = (): PriceList | undefined => {
    const text = get("prices")?.trim();
    const rows = text === undefined ? new Map<string, Decimal>() : readPriceRows(text);
    if (!(rows instanceof Map)) {
      for (const { row, rule } of rows) {
        const key = `${namespace}:prices${row === undefined ? "" : `[${JSON.stringify(row)}]`}`;
        problems.push({ key, rule, fix: priceFix });
      }
      return undefined;
    }
    if (rows.size === 0) return undefined;
    if (currency === undefined && get("currency") === undefined) {
      problem("currency", "must be set where prices are", "USD");
    }
    return { currency: currency ?? "", rows };
  };

  const subAppId = setting("subAppId", whole(1), undefined, "must be a whole number above 0", "1500000000");
  const configuration: Configuration = {
    configured: {
      secretId: get("secretId"),
      secretKey: get("secretKey"),
      token: get("token"),
      profile: get("profile"),
      assumeRoleArn: get("assumeRoleArn"),
      assumeRoleSessionName: get("assumeRoleSessionName"),
      assumeRoleSessionDuration: get("assumeRoleSessionDuration"),
      assumeRoleExternalId: get("assumeRoleExternalId"),
      enablePodOidc: setting("enablePodOidc", boolean, false, "must be true or false", "true"),
      useCvmRole: setting("useCvmRole", boolean, false, "must be true or false", "true"),
      camRoleName: get("camRoleName"),
    },
    endpoint: vodEndpoint,
    stsEndpoint: stsEndpoint(),
    ...given("subAppId", subAppId),
    maxConcurrentTasks: setting("maxConcurrentTasks", whole(1, 1000), 1, "must be a whole number from 1 to 1000", "1"),
    requestsPerSecond: setting("requestsPerSecond", decimal(0.1, 1000), 20, "must be a number from 0.1 to 1000", "20"),
    maxImagesPerUpdate: setting(
      "maxImagesPerUpdate",
      whole(0, 1_000_000),
      100,
      "must be a whole number from 0 to 1000000",
      "100",
    ),
    ...given(
      "maxImagesPerDay",
      setting("maxImagesPerDay", whole(0, 1_000_000), undefined, "must be a whole number from 0 to 1000000", "500"),
    ),
    ...given("prices", prices()),
    ...given("maxCostPerUpdate", setting("maxCostPerUpdate", parseDecimal, undefined, priceRule, "5.00")),
    journalDir: journalDir(),
    lookInPreview: setting("lookInPreview", boolean, false, "must be true or false", "true"),
    allowUndocumentedModels: setting("allowUndocumentedModels", boolean, false, "must be true or false", "false"),
    tagSessionContext: setting("tagSessionContext", boolean, false, "must be true or false", "true"),
  };
  if (problems.length > 0) {
    throw new ConfigurationError(problems);
  }
  return configuration;
}

const priceFix = `Set it with \`pulumi config set --path '${namespace}:prices["GG 3.0"]' 0.04\`, or in quotes in the stack's file.`;

function given<K extends string, T>(key: K, value: T | undefined): { [P in K]?: T } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: T });
}

function currencyCode(text: string): string | undefined {
  return /^[A-Z]{3}$/.test(text) ? text : undefined;
}

function whole(lowest: number, highest: number = Number.MAX_SAFE_INTEGER): Read<number> {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    return value >= lowest && value <= highest ? value : undefined;
  };
}

function decimal(lowest: number, highest: number): Read<number> {
  return (text) => {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    return value >= lowest && value <= highest ? value : undefined;
  };
}

function boolean(text: string): boolean | undefined {
  return text === "true" ? true : text === "false" ? false : undefined;
}

/** The user's home directory. */
export function homeDirectory(env: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): string {
  try {
    return (platform === "win32" ? env["USERPROFILE"] : env["HOME"]) || homedir();
  } catch {
    // The made-up user of a container has none. A path that cannot exist is safer than one that anybody may create.
    return "/nonexistent";
  }
}

function defaultJournalDir(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  const home = homeDirectory(env, platform);
  const stateDirectory = () => {
    switch (platform) {
      case "darwin":
        return join(home, "Library", "Application Support");
      case "win32":
        return env["LOCALAPPDATA"] || join(home, "AppData", "Local");
      default:
        // A relative XDG path is to be ignored, says its specification.
        return env["XDG_STATE_HOME"] && isAbsolute(env["XDG_STATE_HOME"])
          ? env["XDG_STATE_HOME"]
          : join(home, ".local", "state");
    }
  };
  return join(stateDirectory(), "pulumi-tencent-aigc");
}
