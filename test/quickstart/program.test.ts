import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { EmbeddedStack, type EngineEvent } from "../../engine";
import { repository } from "./quickstart";

/** The example of CreateAigcImageTask's reference page (section 4), but for what the program's comments say of it. */
const pageExample = {
  subAppId: 251007502,
  // The page's GEM is an earlier name.
  modelName: "GG",
  modelVersion: "2.5",
  fileInfos: [{ fileId: "3704211000000509819" }],
  prompt: "generate a car",
  negativePrompt: "red",
  enhancePrompt: "Enabled",
  outputConfig: {
    storageMode: "Temporary",
    aspectRatio: "16:9",
    personGeneration: "AllowAdult",
    inputComplianceCheck: "Enabled",
    outputComplianceCheck: "Enabled",
  },
  sessionContext: "mySessionContext",
  tasksPriority: 10,
};

/** The inputs of each resource by its name, as a preview of the quickstart has them. */
async function previewed(): Promise<Record<string, Record<string, unknown>>> {
  const stateDir = mkdtempSync(join(tmpdir(), "aigc-quickstart-test-"));
  onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }));
  const stack = await EmbeddedStack.createOrSelect({ stackName: "preview", workDir: repository, stateDir });
  await stack.setAllConfig({
    "tencent-aigc:subAppId": { value: "251007502" },
    photoFileId: { value: "3704211000000509819" },
  });
  const inputs: Record<string, Record<string, unknown>> = {};
  const onEvent = ({ resourcePreEvent: event }: EngineEvent) => {
    const { urn = "", new: state } = event?.metadata ?? {};
    if (state) inputs[urn.slice(urn.indexOf("::", urn.indexOf("::") + 2) + 2)] = state.inputs;
  };
  await stack.preview({ onEvent });
  return inputs;
}

const task = "pulumi-nodejs:dynamic/tencent-aigc:AigcImageTask";

test("the quickstart shows the page's example, references, a size, and a picture after another, in a component", async () => {
  const inputs = await previewed();
  const pictures = Object.keys(inputs).filter((name) => name.includes(task));
  expect(pictures.sort()).toEqual([
    `${task}::car`,
    `${task}::vase`,
    `quickstart:index:Poster$${task}::harbour-print`,
    `quickstart:index:Poster$${task}::harbour-sketch`,
  ]);
  const { generationId: _, resourceUrn: __, __provider: ___, ...car } = inputs[`${task}::car`] ?? {};
  expect(car).toEqual(pageExample);
  expect(inputs[`${task}::vase`]?.["fileInfos"]).toHaveLength(2);
  const sketch = inputs[`quickstart:index:Poster$${task}::harbour-sketch`];
  expect(sketch).toMatchObject({ modelName: "Hunyuan", additionalParameters: { size: "1024x768" } });
  const print = inputs[`quickstart:index:Poster$${task}::harbour-print`];
  expect(print?.["fileInfos"], "not known before the sketch is there").toHaveLength(1);
});
