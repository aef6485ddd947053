import * as pulumi from "@pulumi/pulumi";
import { AigcImageTask } from "pulumi-tencent-aigc";

const banners = ["spring", "summer", "autumn", "winter"].map(
  (season) =>
    new AigcImageTask(`banner-${season}`, {
      modelName: "GG",
      modelVersion: "3.0",
      prompt: `A shop window in ${season}, wide, no text`,
      outputConfig: { aspectRatio: "16:9" },
    }),
);

export const urls = pulumi.all(banners.map(({ url }) => url));
