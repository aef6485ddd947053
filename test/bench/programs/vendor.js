// The vendor's own client against the emulator, as a script or a provider would use it.
const { vod } = require("tencentcloud-sdk-nodejs-vod");
exports.client = () =>
  new vod.v20180717.Client({
    credential: { secretId: process.env.TENCENTCLOUD_SECRET_ID, secretKey: process.env.TENCENTCLOUD_SECRET_KEY },
    profile: { httpProfile: { protocol: "http://", endpoint: new URL(process.env.TENCENT_AIGC_ENDPOINT).host } },
  });
exports.generate = async (client, prompt) => {
  const SubAppId = 1500000001;
  const { TaskId } = await submitted(client, { SubAppId, ModelName: "GG", ModelVersion: "3.0", Prompt: prompt });
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const { Status, AigcImageTask } = await client.DescribeTaskDetail({ SubAppId, TaskId });
    if (Status === "FINISH") return { taskId: TaskId, url: AigcImageTask.Output.FileInfos[0].FileUrl };
  }
};

/** The one retry that nobody can do without: a second has its limit of submits. */
async function submitted(client, request) {
  for (;;) {
    try {
      return await client.CreateAigcImageTask(request);
    } catch (error) {
      if (error.code !== "RequestLimitExceeded") throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}
