// COUNT resources of the same shape, the same properties in and out, whose provider does nothing.
const { CustomResource, getProject, getStack } = require("@pulumi/pulumi");
const { emptyHandler, outputsOf } = require("./emptyHandler.js");
const type = "pulumi-nodejs:dynamic/bench:Empty";
const outputs = Object.fromEntries(Object.keys(outputsOf("")).map((name) => [name, undefined]));
class Empty extends CustomResource {
  constructor(name, args) {
    const resourceUrn = `urn:pulumi:${getStack()}::${getProject()}::${type}::${name}`;
    super(type, name, { ...outputs, ...args, resourceUrn, __provider: emptyHandler });
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
