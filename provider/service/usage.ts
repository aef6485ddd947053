import type { VodClient } from "../vod/client";
import type { AigcUsageDataItem } from "../vod/wire";

/**
 * What the service has counted between two times (ISO 8601), of all programs, by kind of image. It counts late: what is
 * still running, or has just ended, is not in it.
 */
export async function imageUsage(
  client: VodClient,
  subAppId: number,
  startTime: string,
  endTime: string,
): Promise<readonly AigcUsageDataItem[]> {
  const { AigcUsageDataSet } = await client.call("DescribeAigcUsageData", {
    SubAppId: subAppId,
    AigcType: "Image",
    StartTime: startTime,
    EndTime: endTime,
  });
  return AigcUsageDataSet ?? [];
}

/** Images of a row. */
export function imagesIn({ DataSet }: AigcUsageDataItem): number {
  return (DataSet ?? []).reduce((sum, { Usage }) => sum + (Usage ?? 0), 0);
}

/** Images that the service has counted between two times (ms). */
export async function imagesUsed(client: VodClient, subAppId: number, from: number, to: number): Promise<number> {
  const rows = await imageUsage(client, subAppId, new Date(from).toISOString(), new Date(to).toISOString());
  return rows.reduce((sum, row) => sum + imagesIn(row), 0);
}
