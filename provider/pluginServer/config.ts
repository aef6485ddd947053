import { namespace, readConfiguration } from "../configuration";
import type { Failure } from "../schema/inputs";
import { isGiven, type JsonObject } from "../schema/json";
import { containsUnknown } from "../schema/unknown";
import { ConfigurationError } from "../vod/errors";
import { type SettingKey, secretSettings, settings } from "./settings";
import { secret } from "./values";

/** Settings by which a key is found. A preview sends nothing that needs one. */
export const credentialSettings: ReadonlySet<string> = new Set<SettingKey>([
  "secretId",
  "secretKey",
  "token",
  "profile",
  "assumeRoleArn",
  "assumeRoleSessionName",
  "assumeRoleSessionDuration",
  "assumeRoleExternalId",
  "enablePodOidc",
  "useCvmRole",
  "camRoleName",
]);

export interface CheckedConfig {
  /** What the engine configures the provider with, and keeps in state: secrets as secrets. */
  readonly inputs: JsonObject;
  readonly failures: readonly Failure[];
  /** Settings that are not known yet and that a preview goes on without. */
  readonly unknown: ReadonlySet<string>;
}

/**
 * A provider's settings, checked before any resource is.
 *
 * One that is not known yet, which only a preview has, never comes back: the engine would configure nothing, and none of
 * the provider's pictures would be validated, counted and told of. A preview goes on without a key and with any
 * `subAppId`; what else is not known is refused.
 */
export function checkConfig(news: JsonObject, env: NodeJS.ProcessEnv): CheckedConfig {
  const given = Object.entries(news).filter(([, value]) => isGiven(value));
  const unknown = given.filter(([, value]) => containsUnknown(value)).map(([key]) => key);
  const known = Object.fromEntries(given.filter(([key]) => !unknown.includes(key)));
  const goesOnWithout = (key: string) => key === "subAppId" || credentialSettings.has(key);
  const refused = unknown.filter((key) => !goesOnWithout(key)).map((property) => ({ property, reason: notKnown }));
  return {
    inputs: Object.fromEntries(
      Object.entries(known).map(([key, value]) => [key, secretSettings.includes(key) ? secret(value) : value]),
    ),
    failures: [...refused, ...problemsOf(known, env)],
    unknown: new Set(unknown.filter(goesOnWithout)),
  };
}

const notKnown =
  "is not known before the update, so the preview could neither check the provider's pictures nor say what they bill. Nothing was sent. Give a value that is known, or deploy what it comes from first with `pulumi up --target`.";

/** A setting as the text that the configuration is read from: from YAML it comes as a number, from a stack's config as a text. */
export function settingIn(args: JsonObject): (key: string) => string | undefined {
  return (key) => {
    const value = args[key];
    if (!isGiven(value)) return undefined;
    return typeof value === "string" ? value : JSON.stringify(value);
  };
}

/** The settings that differ. */
export function changedSettings(olds: JsonObject, news: JsonObject): string[] {
  const keys = new Set([...Object.keys(olds), ...Object.keys(news)]);
  return [...keys].filter((key) => textOf(olds[key]) !== textOf(news[key]));
}

/** Text and number of one value are one setting. */
function textOf(value: unknown): string | undefined {
  return settingIn({ value })("value");
}

function problemsOf(known: JsonObject, env: NodeJS.ProcessEnv): Failure[] {
  try {
    readConfiguration(settingIn(known), env);
    return [];
  } catch (error) {
    if (!ConfigurationError.isInstance(error)) throw error;
    return error.problems.map(({ key, rule, ...problem }) => {
      const [, setting = ""] = new RegExp(`^${namespace}:(\\w+)`).exec(key) ?? [];
      // The engine prints the value of the property that a failure names.
      const isShown = setting in settings && !secretSettings.includes(setting);
      const reason = `${rule}. Nothing was sent. ${problem.fix}`;
      return isShown ? { property: setting, reason } : { property: "", reason: `${key} ${reason}` };
    });
  }
}
