/**
 * What a change of each input does. Data only: the difference that is shown in preview, the billed request and the
 * documentation all read it from here.
 *
 * - `replaces`: a new image is generated, and billed.
 * - `inPlace`: metadata of the files is changed, unbilled.
 * - `next`: nothing now; the next generation uses it.
 * - `scope`: names the intention to share; keeps the generation that exists.
 * - `adopts`: takes over what exists already, unbilled.
 * - `control`: how to wait and to check; never sent.
 * - `hidden`: written by this package.
 */
export type InputEffect = "replaces" | "inPlace" | "next" | "scope" | "adopts" | "control" | "hidden";

/** Every input, `outputConfig` by its fields. */
export const inputEffects = {
  subAppId: "replaces",
  modelName: "replaces",
  modelVersion: "replaces",
  fileInfos: "replaces",
  prompt: "replaces",
  negativePrompt: "replaces",
  enhancePrompt: "replaces",
  "outputConfig.storageMode": "replaces",
  "outputConfig.mediaName": "inPlace",
  "outputConfig.classId": "inPlace",
  "outputConfig.expireTime": "inPlace",
  "outputConfig.resolution": "replaces",
  "outputConfig.aspectRatio": "replaces",
  "outputConfig.personGeneration": "replaces",
  "outputConfig.inputComplianceCheck": "replaces",
  "outputConfig.outputComplianceCheck": "replaces",
  "outputConfig.outputImageCount": "replaces",
  "outputConfig.outputFormat": "replaces",
  "outputConfig.logoAdd": "replaces",
  inputRegion: "replaces",
  sceneType: "replaces",
  seed: "replaces",
  sessionId: "next",
  sessionContext: "next",
  tasksPriority: "next",
  extInfo: "replaces",
  additionalParameters: "replaces",
  keepers: "replaces",
  sessionScope: "scope",
  adoptTaskId: "adopts",
  adoptFileIds: "adopts",
  allowUndocumentedModel: "control",
  onFailure: "control",
  waitForCompletion: "control",
  timeoutSeconds: "control",
  resourceUrn: "hidden",
  formerUrns: "hidden",
  generationId: "hidden",
  __provider: "hidden",
} as const satisfies Record<string, InputEffect>;

/** The path of an input, `outputConfig.resolution` for a nested one. */
export type InputPath = keyof typeof inputEffects;

/** The inputs of which a change has one of the given effects. */
export function inputsThat(...effects: InputEffect[]): InputPath[] {
  return (Object.keys(inputEffects) as InputPath[]).filter((path) => effects.includes(inputEffects[path]));
}

/** Inputs whose change generates, and bills, a new image. */
export const billedInputs: readonly InputPath[] = inputsThat("replaces");
