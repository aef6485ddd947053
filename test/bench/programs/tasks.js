// COUNT pictures, by this package.
const { AigcImageTask } = require("pulumi-tencent-aigc");
for (let index = 0; index < Number(process.env.COUNT); index++) {
  new AigcImageTask(`picture-${index}`, {
    subAppId: 1500000001,
    modelName: "GG",
    modelVersion: "3.0",
    prompt: `picture ${index}`,
  });
}
