// COUNT pictures by a dynamic provider as one writes it by hand: its code is serialised into every resource.
const pulumi = require("@pulumi/pulumi");
const provider = {
  async create(inputs) {
    const { client, generate } = require(`${process.cwd()}/vendor.js`);
    global.benchGate ??= { lastSubmit: 0, vod: client() };
    const gate = global.benchGate;
    const at = Math.max(Date.now(), gate.lastSubmit + 1000 / Number(process.env.RATE));
    gate.lastSubmit = at;
    await new Promise((resolve) => setTimeout(resolve, at - Date.now()));
    const { taskId, url } = await generate(gate.vod, inputs.prompt);
    return { id: taskId, outs: { ...inputs, url } };
  },
  async diff(_id, olds, news) {
    return { changes: olds.prompt !== news.prompt };
  },
};
for (let index = 0; index < Number(process.env.COUNT); index++) {
  new pulumi.dynamic.Resource(provider, `picture-${index}`, { prompt: `picture ${index}`, url: undefined });
}
