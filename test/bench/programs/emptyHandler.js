const { existsSync, writeFileSync } = require("node:fs");

exports.emptyHandler =
  'exports.handler=()=>require("node:module").createRequire(process.cwd()+"/")("./emptyHandler.js")';
exports.check = async (_olds, news) => ({
  inputs: { ...news, outputConfig: { storageMode: "Permanent" }, generationId: `paig-${"0".repeat(40)}` },
});
exports.diff = async (_id, olds, news) => ({ changes: olds.prompt !== news.prompt });
let created = 0;
exports.create = async (inputs) => {
  if (created === 0 && process.env.FIRST_CREATE && !existsSync(process.env.FIRST_CREATE))
    writeFileSync(process.env.FIRST_CREATE, String(Date.now()));
  const id = `1500000001-AigcImageTask-${String(created++).padStart(32, "0")}`;
  return { id, outs: { ...inputs, ...exports.outputsOf(id) } };
};
exports.outputsOf = (taskId) => ({
  taskId,
  attempt: 1,
  sessionId: `paig-${"0".repeat(40)}`,
  status: "FINISH",
  requestId: "00000000-0000-0000-0000-000000000000",
  createTime: "2026-01-01T00:00:00Z",
  finishTime: "2026-01-01T00:00:00Z",
  endpoint: "127.0.0.1:10000",
  files: [
    {
      url: `http://127.0.0.1:10000/files/${"0".repeat(19)}/picture.png`,
      fileId: "0".repeat(19),
      fileType: "png",
      storageMode: "Permanent",
      size: 10000,
      width: 1024,
      height: 1024,
      md5: "0".repeat(32),
    },
  ],
});
