import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { AigcImageTask } from "pulumi-tencent-aigc";

// The example of the API's reference page, with GG for its earlier name GEM, and without the page's SessionId, which is
// derived here. Its reference image is a picture that lies in VOD already: `pulumi config set photoFileId <FileId>`.
const photoFileId = new pulumi.Config().get("photoFileId");
const car = new AigcImageTask("car", {
  modelName: "GG",
  modelVersion: "2.5",
  fileInfos: photoFileId ? [{ fileId: photoFileId }] : [],
  prompt: "generate a car",
  negativePrompt: "red",
  enhancePrompt: "Enabled",
  outputConfig: {
    storageMode: "Temporary", // as the page has it: its URL ends after 7 days. Without this line the picture is kept.
    aspectRatio: "16:9",
    personGeneration: "AllowAdult",
    inputComplianceCheck: "Enabled",
    outputComplianceCheck: "Enabled",
  },
  sessionContext: "mySessionContext",
  tasksPriority: 10,
});

// Reference images from this directory, each with what it stands for.
const reference = (file: string) => readFileSync(join(__dirname, "references", file), "base64");
const vase = new AigcImageTask("vase", {
  modelName: "GG",
  modelVersion: "3.0",
  prompt: "A studio photograph of a glazed vase on a linen cloth, soft light from the left",
  fileInfos: [
    { base64: reference("shape.png"), text: "the outline of the vase" },
    { base64: reference("palette.png"), text: "the colours of the glaze" },
  ],
  outputConfig: { aspectRatio: "4:5" },
});

/** A sketch, and a print made after it: two pictures that belong together, as one resource. */
class Poster extends pulumi.ComponentResource {
  readonly sketch: AigcImageTask;
  readonly print: AigcImageTask;

  constructor(name: string, scene: string, options?: pulumi.ComponentResourceOptions) {
    super("quickstart:index:Poster", name, {}, options);
    this.sketch = new AigcImageTask(
      `${name}-sketch`,
      {
        modelName: "Hunyuan",
        modelVersion: "3.0",
        prompt: `Ink sketch of ${scene}`,
        additionalParameters: { size: "1024x768" },
      },
      { parent: this },
    );
    this.print = new AigcImageTask(
      `${name}-print`,
      {
        modelName: "GG",
        modelVersion: "3.1",
        prompt: `Three-colour screen print of ${scene}`,
        fileInfos: [{ url: this.sketch.url }], // another picture's output: this one waits for it
        outputConfig: { aspectRatio: "4:3" },
      },
      { parent: this },
    );
    this.registerOutputs({ sketchUrl: this.sketch.url, printUrl: this.print.url });
  }
}
const harbour = new Poster("harbour", "a fishing harbour at dawn");

export const carUrl = car.url;
export const vaseUrl = vase.url;
export const posterUrl = harbour.print.url;
