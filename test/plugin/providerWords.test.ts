import { describe, expect, test } from "vitest";
import { wordsFor } from "../../provider/pluginServer/providerWords";
import { read } from "../docs/markdown";

const words = wordsFor("urn:pulumi:dev::shop::pulumi:providers:tencent-aigc::mine");

test.each([
  [
    "would be image 3 of this update, and tencent-aigc:maxImagesPerUpdate allows 2. If they are meant, allow at least so many with `pulumi config set tencent-aigc:maxImagesPerUpdate 3`, or deploy in parts.",
    "would be image 3 of this update, and `maxImagesPerUpdate` of the provider `mine` allows 2. If they are meant, allow at least so many with `maxImagesPerUpdate: 3` on the provider `mine`, or deploy in parts.",
  ],
  [
    `Add what one image of it costs with \`pulumi config set --path 'tencent-aigc:prices["GG 3.0"]' <price>\`.`,
    'Add what one image of it costs with `prices: { "GG 3.0": <price> }` on the provider `mine`.',
  ],
  [
    `tencent-aigc:prices["GG 3.0"] must be a price. Set it with \`pulumi config set --path 'tencent-aigc:prices["GG 3.0"]' 0.04\`, or in quotes in the stack's file.`,
    '`prices["GG 3.0"]` of the provider `mine` must be a price. Set it with `prices: { "GG 3.0": 0.04 }` on the provider `mine`.',
  ],
  [
    "Give secretId and secretKey in one place: `pulumi config set --secret tencent-aigc:secretId …` and `pulumi config set --secret tencent-aigc:secretKey …`; or TENCENTCLOUD_SECRET_ID",
    "Give secretId and secretKey in one place: `secretId` on the provider `mine` and `secretKey` on the provider `mine`; or TENCENTCLOUD_SECRET_ID",
  ],
  [
    "Give it here, or for the whole stack with `pulumi config set tencent-aigc:subAppId <id>`.",
    "Give it here, or with `subAppId: <id>` on the provider `mine`.",
  ],
  [
    "allowUndocumentedModel: true on the resource, or `pulumi config set tencent-aigc:allowUndocumentedModels true` for the stack, skips the model table",
    "allowUndocumentedModel: true on the resource, or `allowUndocumentedModels: true` on the provider `mine`, skips the model table",
  ],
  [
    "Unset TENCENT_AIGC_ENDPOINT and `pulumi config rm tencent-aigc:endpoint`, or use another stack for the emulator.",
    "Unset TENCENT_AIGC_ENDPOINT and `endpoint` of the provider `mine`, or use another stack for the emulator.",
  ],
  ["Check the network, and `tencent-aigc:endpoint`.", "Check the network, and `endpoint` of the provider `mine`."],
  [
    "Credentials for Tencent Cloud were not found in the stack's config, the environment, ~/.tencentcloud/credentials",
    "Credentials for Tencent Cloud were not found in the provider `mine`, the environment, ~/.tencentcloud/credentials",
  ],
])("a message for an explicit provider names its property: %s", (text, told) => {
  expect(words(text)).toBe(told);
});

describe("no message of the provider leads an explicit provider to the stack's config", () => {
  // Those of a program's own class come before, and of the command line after.
  const [, told = ""] = /^## An input is refused\n(.*?)^## npx /ms.exec(read("docs/errors.md")) ?? [];
  const lines = told.replaceAll("tencent-aigc:<key>", "tencent-aigc:endpoint").split("\n");
  const about = lines.filter((line) => /^(- | {2}\S)/.test(line) && /tencent-aigc:|pulumi config/.test(line));

  test.each(about)("%s", (line) => {
    expect(words(line)).not.toMatch(/tencent-aigc:|pulumi config|stack's (config|file)/);
  });

  test("and there are such messages", () => expect(about.length).toBeGreaterThan(15));
});

test("the name of a provider is taken as it is", () => {
  const named = wordsFor("urn:pulumi:dev::shop::pulumi:providers:tencent-aigc::a$&b::c");
  expect(named("tencent-aigc:endpoint is not in the stack's config.")).toBe(
    "`endpoint` of the provider `a$&b::c` is not in the provider `a$&b::c`.",
  );
});

test.each(["default", "default_0_1_0", "default_https_example.com"])(
  "messages of the provider %s, which takes the stack's config, stay as they are",
  (name) => {
    const text = "Set it with `pulumi config set tencent-aigc:maxImagesPerUpdate 3`.";
    expect(wordsFor(`urn:pulumi:dev::shop::pulumi:providers:tencent-aigc::${name}`)(text)).toBe(text);
    expect(wordsFor("")(text)).toBe(text);
  },
);
