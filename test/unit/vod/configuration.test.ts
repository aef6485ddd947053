import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { type Configuration, readConfiguration } from "../../../provider/configuration";
import { ConfigurationError } from "../../../provider/vod/errors";

function read(config: Record<string, string> = {}, env: NodeJS.ProcessEnv = { HOME: "/home/u" }): Configuration {
  return readConfiguration((key) => config[key], env, "linux");
}

function failure(config: Record<string, string>, env: NodeJS.ProcessEnv = {}): ConfigurationError {
  try {
    read(config, env);
  } catch (error) {
    if (ConfigurationError.isInstance(error)) {
      return error;
    }
    throw error;
  }
  throw new Error("the configuration was accepted");
}

describe("configuration", () => {
  test("has a default for every setting", () => {
    expect(read()).toEqual({
      configured: { enablePodOidc: false, useCvmRole: false },
      stsEndpoint: {
        url: new URL("https://sts.intl.tencentcloudapi.com"),
        host: "sts.intl.tencentcloudapi.com",
        loopback: false,
      },
      endpoint: {
        url: new URL("https://vod.intl.tencentcloudapi.com"),
        host: "vod.intl.tencentcloudapi.com",
        loopback: false,
      },
      maxConcurrentTasks: 1,
      requestsPerSecond: 20,
      maxImagesPerUpdate: 100,
      journalDir: "/home/u/.local/state/pulumi-tencent-aigc",
      allowUndocumentedModels: false,
      lookInPreview: false,
      tagSessionContext: false,
    });
  });

  test("reads every setting", () => {
    const config = {
      secretId: "id",
      secretKey: "key",
      token: "token",
      endpoint: "https://vod.tencentcloudapi.com",
      subAppId: "1500000000",
      maxConcurrentTasks: "1000",
      requestsPerSecond: "0.5",
      maxImagesPerUpdate: "0",
      journalDir: "/var/journal",
      allowUndocumentedModels: "true",
      tagSessionContext: "true",
    };
    expect(read(config)).toMatchObject({
      configured: { secretId: "id", secretKey: "key", token: "token" },
      endpoint: { host: "vod.tencentcloudapi.com" },
      subAppId: 1500000000,
      maxConcurrentTasks: 1000,
      requestsPerSecond: 0.5,
      maxImagesPerUpdate: 0,
      journalDir: "/var/journal",
      allowUndocumentedModels: true,
      tagSessionContext: true,
    });
  });

  test.each([
    ["subAppId", ["1"], ["0", "-1", "1.5", "abc", "", "9007199254740993"]],
    ["maxConcurrentTasks", ["1", "1000"], ["0", "1001", "1.5", "1e2", "", "many"]],
    ["requestsPerSecond", ["0.1", "20", "1000"], ["0", "0.09", "1000.1", "-1", "Infinity", "NaN", ""]],
    ["maxImagesPerUpdate", ["0", "1000000"], ["-1", "1000001", "2.5", ""]],
    ["journalDir", ["/a"], ["a", "./a", "~/a", ""]],
    ["allowUndocumentedModels", ["true", "false"], ["yes", "1", "TRUE", ""]],
    ["tagSessionContext", ["true", "false"], ["yes", "1", "TRUE", ""]],
  ])("holds %s to its bounds", (key, allowed, refused) => {
    for (const value of allowed) {
      expect(String(read({ [key]: value })[key as keyof Configuration])).toBe(value);
    }
    for (const value of refused) {
      const error = failure({ [key]: value });
      expect(error.problems).toHaveLength(1);
      expect(error.message).toContain(`tencent-aigc:${key} must be `);
      expect(error.message).toContain(`pulumi config set tencent-aigc:${key} `);
      expect(error.billed).toBe("no");
    }
  });

  test("names every setting that is wrong, at once", () => {
    const error = failure({ subAppId: "x", requestsPerSecond: "x", endpoint: "x" });
    expect(error.problems.map(({ key }) => key).sort()).toEqual([
      "tencent-aigc:endpoint",
      "tencent-aigc:requestsPerSecond",
      "tencent-aigc:subAppId",
    ]);
  });

  test("takes the endpoint from the environment where the config gives none", () => {
    const env = { TENCENT_AIGC_ENDPOINT: "http://127.0.0.1:9000" };
    expect(read({}, env).endpoint).toMatchObject({ host: "127.0.0.1:9000", loopback: true });
    expect(read({ endpoint: "https://vod.tencentcloudapi.com" }, env).endpoint.host).toBe("vod.tencentcloudapi.com");
    expect(failure({}, { TENCENT_AIGC_ENDPOINT: "http://example.com" }).problems[0]?.key).toBe("TENCENT_AIGC_ENDPOINT");
  });

  test("takes the journal's directory from the environment where the config gives none", () => {
    const env = { TENCENT_AIGC_JOURNAL_DIR: "/var/ci" };
    expect(read({}, env).journalDir).toBe("/var/ci");
    expect(read({ journalDir: "/var/journal" }, env).journalDir).toBe("/var/journal");
    expect(read({}, { TENCENT_AIGC_JOURNAL_DIR: "", HOME: "/h" }).journalDir).toMatch(/^\/h\//);
    const error = failure({}, { TENCENT_AIGC_JOURNAL_DIR: "ci/journal" });
    expect(error.problems).toEqual([
      {
        key: "TENCENT_AIGC_JOURNAL_DIR",
        rule: "must be an absolute path",
        fix: "Correct or unset TENCENT_AIGC_JOURNAL_DIR.",
      },
    ]);
  });

  test.each([
    "https://vod.tencentcloudapi.com",
    "https://vod.intl.tencentcloudapi.com/",
    "https://VOD.Intl.TencentCloudAPI.com",
    "https://vod.intl.tencentcloudapi.com:8443",
  ])("accepts the service's own host %s", (endpoint) => {
    expect(read({ endpoint }).endpoint.loopback).toBe(false);
  });

  test.each([
    "http://127.0.0.1:9000",
    "http://127.8.9.10",
    "http://localhost:1",
    "http://[::1]:9000",
    "https://localhost",
    "http://2130706433:80",
  ])("accepts this machine: %s", (endpoint) => {
    expect(read({ endpoint }).endpoint.loopback).toBe(true);
  });

  const foreign = [
    "https://evil-tencentcloudapi.com",
    "https://tencentcloudapi.com.evil.org",
    "https://vod.tencentcloudapi.com.evil.org",
    "https://tencentcloudapi.com",
    "https://vod.tencentcloudapi.com.",
    "https://127.0.0.1.evil.org",
    "https://localhost.evil.org",
    "https://[::ffff:127.0.0.1]",
    "https://0.0.0.0",
    "https://10.0.0.1",
  ];

  test.each(foreign)("refuses the foreign host %s unless the environment allows it", (endpoint) => {
    expect(failure({ endpoint }).message).toContain("TENCENT_AIGC_ALLOW_CUSTOM_ENDPOINT=1");
    expect(failure({ endpoint }, { TENCENT_AIGC_ALLOW_CUSTOM_ENDPOINT: "true" }).problems).toHaveLength(1);
    expect(read({ endpoint }, { TENCENT_AIGC_ALLOW_CUSTOM_ENDPOINT: "1" }).endpoint.loopback).toBe(false);
  });

  test.each([...foreign.map((url) => url.replace("https:", "http:")), "http://vod.intl.tencentcloudapi.com"])(
    "refuses plain http to %s whatever the environment says",
    (endpoint) => {
      expect(failure({ endpoint }, { TENCENT_AIGC_ALLOW_CUSTOM_ENDPOINT: "1" }).message).toContain("must use https");
    },
  );

  test.each([
    "https://user:hunter22@vod.tencentcloudapi.com",
    "https://hunter22@vod.tencentcloudapi.com",
    "https://vod.tencentcloudapi.com@hunter22.org",
    "https://vod.tencentcloudapi.com/hunter22",
    "https://vod.tencentcloudapi.com?hunter22",
    "https://vod.tencentcloudapi.com/#hunter22",
    "https://vod.tencentcloudapi.com\\hunter22",
    "vod.tencentcloudapi.com",
    "localhost:9000",
    "ftp://127.0.0.1",
    "file:///hunter22",
    "https:vod.tencentcloudapi.com",
    "https://",
    "",
  ])("refuses what is no bare scheme, host and port, without repeating it: %s", (endpoint) => {
    const error = failure({ endpoint });
    expect(error.problems.map(({ key }) => key)).toEqual(["tencent-aigc:endpoint"]);
    expect(inspect(error)).not.toContain("hunter22");
  });

  test.each([
    ["linux", { HOME: "/h" }, "/h/.local/state/pulumi-tencent-aigc"],
    ["linux", { HOME: "/h", XDG_STATE_HOME: "/s" }, "/s/pulumi-tencent-aigc"],
    ["linux", { HOME: "/h", XDG_STATE_HOME: "relative" }, "/h/.local/state/pulumi-tencent-aigc"],
    ["darwin", { HOME: "/h", XDG_STATE_HOME: "/s" }, "/h/Library/Application Support/pulumi-tencent-aigc"],
    ["win32", { USERPROFILE: "/h", LOCALAPPDATA: "/l" }, "/l/pulumi-tencent-aigc"],
    ["win32", { USERPROFILE: "/h" }, "/h/AppData/Local/pulumi-tencent-aigc"],
  ] as const)("keeps the journal in the user's state directory: %s %j", (platform, env, expected) => {
    expect(readConfiguration(() => undefined, env, platform).journalDir).toBe(expected);
  });
});
