import type { Output } from "@pulumi/pulumi";
import { AigcImageTask, ModelName } from "pulumi-tencent-aigc";

const prompts = {
  lamp: "A brass desk lamp on a walnut table, soft studio light",
  chair: "An oak chair with a woven seat, soft studio light",
  teapot: "A blue enamel teapot on a linen cloth, soft studio light",
};

export const urls: Record<string, Output<string>> = {};
for (const [name, prompt] of Object.entries(prompts)) {
  const picture = new AigcImageTask(name, {
    modelName: ModelName.GG,
    modelVersion: "3.0",
    prompt,
    outputConfig: { aspectRatio: "1:1" },
  });
  urls[name] = picture.url;
}
