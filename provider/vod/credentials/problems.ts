import { ConfigurationError } from "../errors";

/** How to give credentials, for those who have given none, or half of them. */
export const howToGive =
  "Give secretId and secretKey in one place: `pulumi config set --secret tencent-aigc:secretId …` and " +
  "`pulumi config set --secret tencent-aigc:secretKey …`; or TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY in the " +
  "environment; or secret_id and secret_key under [default] in ~/.tencentcloud/credentials. docs/credentials.md has all ways.";

/** @param rule completes a sentence that begins with `key`; neither repeats a value */
export function problem(key: string, rule: string, fix: string = howToGive): ConfigurationError {
  return new ConfigurationError([{ key: capitalised(key), rule, fix }]);
}

function capitalised(text: string): string {
  return /^[a-z]+ /.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}
