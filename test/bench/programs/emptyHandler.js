exports.emptyHandler =
  'exports.handler=()=>require("node:module").createRequire(process.cwd()+"/")("./emptyHandler.js")';
exports.check = async (_olds, news) => ({ inputs: news });
exports.diff = async (_id, olds, news) => ({ changes: olds.prompt !== news.prompt });
let created = 0;
exports.create = async (inputs) => ({ id: `empty-${created++}`, outs: inputs });
