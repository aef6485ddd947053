// COUNT pictures, by the plugin of this package.
const { CustomResource } = require("@pulumi/pulumi");
const { outputsOf } = require("./emptyHandler.js");
const outputs = Object.fromEntries(Object.keys(outputsOf("")).map((name) => [name, undefined]));
for (let index = 0; index < Number(process.env.COUNT); index++) {
  new CustomResource("tencent-aigc:index:AigcImageTask", `picture-${index}`, {
    ...outputs,
    subAppId: 1500000001,
    modelName: "GG",
    modelVersion: "3.0",
    prompt: `picture ${index}`,
  });
}
