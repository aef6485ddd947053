import type { VodClient } from "../vod/client";

/**
 * Images that the service has counted between two times (ms), of all programs. It counts late: what is still running, or
 * has just ended, is not in it.
 */
export async function imagesUsed(client: VodClient, subAppId: number, from: number, to: number): Promise<number> {
  const { AigcUsageDataSet } = await client.call("DescribeAigcUsageData", {
    SubAppId: subAppId,
    AigcType: "Image",
    StartTime: new Date(from).toISOString(),
    EndTime: new Date(to).toISOString(),
  });
  const data = (AigcUsageDataSet ?? []).flatMap(({ DataSet }) => DataSet ?? []);
  return data.reduce((sum, { Usage }) => sum + (Usage ?? 0), 0);
}
