import { AigcImageTask } from "pulumi-tencent-aigc";
import { BucketObject } from "./bucketObject";

const hero = new AigcImageTask("hero", {
  modelName: "GG",
  modelVersion: "3.0",
  prompt: "A lighthouse in a storm, oil painting",
  outputConfig: { aspectRatio: "16:9", outputFormat: "png" },
});

// The line that matters: `asset()` is the picture as a file that any provider uploads. The object gets a new content when
// the picture is another one, and is left alone otherwise.
const object = new BucketObject("hero", {
  bucket: "shop-pictures",
  key: "hero.png",
  source: hero.asset(),
  contentType: "image/png",
});

export const etag = object.etag;
