/** What a provider's settings are, as the package schema has them: their type, what they mean, and which are secret. */
export interface Setting {
  readonly type: "string" | "integer" | "number" | "boolean" | "prices";
  readonly description: string;
  readonly secret?: true;
}

/** Every setting, by its key without the namespace. They are the stack's configuration `tencent-aigc:<key>` as well. */
export const settings = {
  secretId: {
    type: "string",
    secret: true,
    description: "With `secretKey`, the key of your Tencent Cloud account.",
  },
  secretKey: {
    type: "string",
    secret: true,
    description: "The secret half of the key. Set it as a secret.",
  },
  token: {
    type: "string",
    secret: true,
    description: "Session token of a temporary key. Set it as a secret.",
  },
  profile: {
    type: "string",
    description: "A profile of the files that Tencent Cloud's SDKs and `tccli` share.",
  },
  assumeRoleArn: {
    type: "string",
    description: "A role that the key assumes.",
  },
  assumeRoleSessionName: {
    type: "string",
    description: "Name of the role's session.\n\nDefault: `pulumi-tencent-aigc`.",
  },
  assumeRoleSessionDuration: {
    type: "integer",
    description: "Seconds that the role's keys are good for.\n\nDefault: 7200.",
  },
  assumeRoleExternalId: {
    type: "string",
    description: "What the role asks for as its external id.",
  },
  enablePodOidc: {
    type: "boolean",
    description: "Whether the identity of a pod in TKE may be used.\n\nDefault: false.",
  },
  useCvmRole: {
    type: "boolean",
    description: "Whether the role of the machine may be used.\n\nDefault: false.",
  },
  camRoleName: {
    type: "string",
    description: "Name of the machine's role, which is then used.",
  },
  endpoint: {
    type: "string",
    description:
      "Address of the service. A host outside `*.tencentcloudapi.com` and this machine needs " +
      "`TENCENT_AIGC_ALLOW_CUSTOM_ENDPOINT=1` in the environment; plain http is for this machine.\n\n" +
      "Default: `TENCENT_AIGC_ENDPOINT` in the environment, or `https://vod.intl.tencentcloudapi.com`.",
  },
  subAppId: {
    type: "integer",
    description: "ID of the VOD application, used where a resource gives none.",
  },
  maxConcurrentTasks: {
    type: "integer",
    description: "Tasks running at the service at once, as your quota allows: 1 to 1000.\n\nDefault: 1.",
  },
  requestsPerSecond: {
    type: "number",
    description: "Submits a second, 0.1 to 1000.\n\nDefault: 20.",
  },
  maxImagesPerUpdate: {
    type: "integer",
    description: "Images that one update may bill: more fails the preview.\n\nDefault: 100.",
  },
  maxImagesPerDay: {
    type: "integer",
    description:
      "Images of the last 24 hours, over all updates: what would be more is not sent. By this machine's record and the " +
      "service's usage, which the key must be allowed to ask (`vod:DescribeAigcUsageData`).\n\nDefault: no limit.",
  },
  maxCostPerUpdate: {
    type: "number",
    description:
      "What one update may cost, in `currency`: more fails the preview, and so does an image without a price.\n\n" +
      "Default: no limit.",
  },
  prices: {
    type: "prices",
    description:
      "What one image costs, by model and version, such as `GG 3.0`; a key `GG 3.0 4K` is for that resolution. None is " +
      "built in: read them on Tencent Cloud's VOD pricing page, or in your bill.",
  },
  currency: {
    type: "string",
    description: "Currency of `prices`, such as `USD`.",
  },
  journalDir: {
    type: "string",
    description:
      "Absolute path of the directory of the journal.\n\n" +
      "Default: `TENCENT_AIGC_JOURNAL_DIR` in the environment, or the user's state directory.",
  },
  tagSessionContext: {
    type: "boolean",
    description:
      "Whether a task without a `sessionContext` of its own carries project, stack and resource in it, to find it in the " +
      "service's list of tasks and in the bill. A change generates nothing.\n\nDefault: false.",
  },
  lookInPreview: {
    type: "boolean",
    description:
      "Whether a preview asks the service which pictures are there already: they are told as reused, and the spend guard " +
      "counts only the rest.\n\nDefault: false.",
  },
  allowUndocumentedModels: {
    type: "boolean",
    description: "Whether the rules of the model table are skipped for all resources.\n\nDefault: false.",
  },
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingKey = keyof typeof settings;

/** The settings that are secret, whatever the configuration says. */
export const secretSettings: readonly string[] = Object.entries<Setting>(settings)
  .filter(([, { secret }]) => secret)
  .map(([key]) => key);
