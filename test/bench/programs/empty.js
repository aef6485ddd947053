// COUNT resources of the same shape whose provider does nothing.
const { CustomResource } = require("@pulumi/pulumi");
const { emptyHandler } = require("./emptyHandler.js");
class Empty extends CustomResource {
  constructor(name, args) {
    super("pulumi-nodejs:dynamic/bench:Empty", name, { ...args, __provider: emptyHandler });
  }
}
for (let index = 0; index < Number(process.env.COUNT); index++) {
  new Empty(`picture-${index}`, {
    subAppId: 1500000001,
    modelName: "GG",
    modelVersion: "3.0",
    prompt: `picture ${index}`,
  });
}
