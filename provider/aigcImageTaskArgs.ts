import type * as pulumi from "@pulumi/pulumi";
import type {
  FileInfoType,
  InputRegion,
  ModelName,
  ModelVersion,
  OutputFormat,
  PersonGeneration,
  StorageMode,
  Toggle,
} from "./schema/values";

/** A value of a known set, or one that the service has learnt since. */
type Open<T extends string> = T | (string & {});

/**
 * What an `AigcImageTask` is made from: the fields of CreateAigcImageTask in camelCase, with the same values, and what
 * governs when a new image is generated. Checked at preview, before anything is sent or billed.
 */
export interface AigcImageTaskArgs {
  /**
   * ID of the VOD application, a positive integer.
   *
   * Changing this generates, and bills, a new image.
   * @default the stack's configuration value `tencent-aigc:subAppId`
   * @see CreateAigcImageTask, parameter SubAppId
   */
  subAppId?: pulumi.Input<number>;

  /**
   * Name of the model, such as `GG` or `Hunyuan` (see {@link ModelName}). One that is not listed is refused at preview,
   * unless `allowUndocumentedModel` is set.
   *
   * Changing this generates, and bills, a new image.
   * @see CreateAigcImageTask, parameter ModelName
   */
  modelName: pulumi.Input<Open<ModelName>>;

  /**
   * Version of the model, one of those that go with `modelName`: `3.0` with `GG`.
   *
   * Changing this generates, and bills, a new image.
   * @see CreateAigcImageTask, parameter ModelVersion
   */
  modelVersion: pulumi.Input<Open<ModelVersion>>;

  /**
   * Reference images. How many are allowed depends on the model: from 1 (Kling 3.0, Qwen 0925) to 14 (GG 3.0, SI).
   * Local files and Base64 pictures may have 7 MB in all.
   *
   * Changing this generates, and bills, a new image.
   * @see CreateAigcImageTask, parameter FileInfos
   */
  fileInfos?: pulumi.Input<pulumi.Input<FileInfoArgs>[]>;

  /**
   * What the picture shows. Required when `fileInfos` is empty.
   *
   * Changing this generates, and bills, a new image.
   * @see CreateAigcImageTask, parameter Prompt
   */
  prompt?: pulumi.Input<string>;

  /**
   * What the picture must not show.
   *
   * Changing this generates, and bills, a new image.
   * @see CreateAigcImageTask, parameter NegativePrompt
   */
  negativePrompt?: pulumi.Input<string>;

  /**
   * Whether the service may rewrite the prompt for a better picture: `Enabled` or `Disabled`.
   *
   * Changing this generates, and bills, a new image.
   * @see CreateAigcImageTask, parameter EnhancePrompt
   */
  enhancePrompt?: pulumi.Input<Open<Toggle>>;

  /**
   * How the picture is made and stored. Its fields say each what a change of it does.
   * @see CreateAigcImageTask, parameter OutputConfig
   */
  outputConfig?: pulumi.Input<OutputConfigArgs>;

  /**
   * Region of the input: `Mainland`, `Oversea` or `OverseaUSWest`.
   *
   * Changing this generates, and bills, a new image.
   * @see CreateAigcImageTask, parameter InputRegion
   */
  inputRegion?: pulumi.Input<Open<InputRegion>>;

  /**
   * Kind of scene: `3d_panorama` with Hunyuan, `image_expand` with Kling `scene`; no other model has one.
   *
   * Changing this generates, and bills, a new image.
   * @see CreateAigcImageTask, parameter SceneType
   */
  sceneType?: pulumi.Input<string>;

  /**
   * Random seed of the model, an integer.
   *
   * Changing this generates, and bills, a new image.
   * @see CreateAigcImageTask, parameter Seed
   */
  seed?: pulumi.Input<number>;

  /**
   * Identifier by which the service refuses a second request within three days, at most 50 characters. By default it is
   * derived from what is billed, so that the same intention is billed once. An identifier of your own has to change, or
   * go, together with a billed input; two resources cannot give one identifier to different requests. A change of it
   * alone is used by the next generation and makes none. Not together with `sessionScope`.
   * @default derived from the billed inputs, `keepers` and `sessionScope`
   * @see CreateAigcImageTask, parameter SessionId
   */
  sessionId?: pulumi.Input<string>;

  /**
   * A text that the service hands back with the task, at most 1000 characters. A change is used by the next generation
   * and makes none.
   * @see CreateAigcImageTask, parameter SessionContext
   */
  sessionContext?: pulumi.Input<string>;

  /**
   * Priority among your tasks, an integer from `-10` to `10`; the higher, the earlier. A change is used by the next
   * generation and makes none.
   * @default 0
   * @see CreateAigcImageTask, parameter TasksPriority
   */
  tasksPriority?: pulumi.Input<number>;

  /**
   * Text of the API's reserved field, for what `additionalParameters` does not cover. Not together with it; the same
   * content in either form is no change.
   *
   * Changing this generates, and bills, a new image.
   * @see CreateAigcImageTask, parameter ExtInfo
   */
  extInfo?: pulumi.Input<string>;

  /**
   * Parameters of a model's own, such as a size in pixels; encoded into ExtInfo. Not together with `extInfo`; the same
   * content in either form is no change.
   *
   * Changing this generates, and bills, a new image.
   * @see CreateAigcImageTask, parameter ExtInfo
   */
  additionalParameters?: pulumi.Input<AdditionalParametersArgs>;

  /**
   * Any values that JSON can carry. A change of one is the way, and the only one, to ask for another picture of the same
   * description. An asset counts by its content, whatever its path.
   *
   * Changing this generates, and bills, a new image.
   */
  keepers?: pulumi.Input<Record<string, pulumi.Input<unknown>>>;

  /**
   * Whose intention this is. Stacks with the same text and the same billed inputs share one picture, for as long as it
   * can be found. A change keeps the picture. Not together with `sessionId`.
   * @default the URN of the resource
   */
  sessionScope?: pulumi.Input<string>;

  /**
   * TaskId of a task of the last three days to take over instead of generating, unbilled. Another id replaces this
   * resource, unbilled; the id that is already held, or removing it, keeps the picture. Not together with `adoptFileIds`.
   */
  adoptTaskId?: pulumi.Input<string>;

  /**
   * FileIds of Permanent files of any age to take over instead of generating, unbilled. Other ids replace this resource,
   * unbilled; removing them keeps the picture. Not together with `adoptTaskId`.
   */
  adoptFileIds?: pulumi.Input<pulumi.Input<string>[]>;

  /**
   * Skip the rules of the model table, for a model, a version or a value that the service has learnt since. For a whole
   * stack: configuration value `tencent-aigc:allowUndocumentedModels`.
   * @default false
   */
  allowUndocumentedModel?: pulumi.Input<boolean>;

  /**
   * What becomes of the update when the picture failed for good: for a lasting cause such as moderation, or in its last
   * attempt. With `fail` the update fails, at each `up`. With `keep` the resource is ready without a picture: `status`
   * is `FAILED`, `files` is empty, `message` says why, each `up` warns of it, and what is made from its `url` is refused
   * at its own property, unbilled. A task that is under way, or whose outcome is not known, is never kept so. A change
   * of it alone sends nothing that is billed.
   * @default fail
   */
  onFailure?: pulumi.Input<"fail" | "keep">;

  /**
   * Wait for the picture. With `false` the resource is created as soon as the service has accepted the task: it has a
   * `taskId`, and neither `files` nor `url` until a later refresh or update.
   * @default true
   */
  waitForCompletion?: pulumi.Input<boolean>;

  /**
   * How long to wait for the picture, in seconds from the accepted submit: more than 0, at most 259200 (3 days). When it
   * ends, the task stays in state, and the next update waits on for it, unbilled.
   * @default `customTimeouts.create` of the resource's options, or 600
   */
  timeoutSeconds?: pulumi.Input<number>;
}

/**
 * A reference image: one of `fileId`, `url`, `asset` and `base64`.
 * @see AigcImageTaskInputFileInfo
 */
export interface FileInfoArgs {
  /**
   * How the image is given: `File`, `Url` or `Base64`.
   *
   * Changing this generates, and bills, a new image.
   * @default what goes with the field that is given
   */
  type?: pulumi.Input<Open<FileInfoType>>;

  /**
   * FileId of a media file in VOD: jpeg, jpg, png or webp, best below 7 MB.
   *
   * Changing this generates, and bills, a new image.
   */
  fileId?: pulumi.Input<string>;

  /**
   * An http or https URL that the service can reach: jpeg, jpg, png or webp, best below 7 MB.
   *
   * Changing this generates, and bills, a new image.
   */
  url?: pulumi.Input<string>;

  /**
   * A local file: jpeg, jpg, png or webp, at most 7 MB over all reference images. It is known by its content, wherever it
   * lies, and sent as Base64, which an endpoint that is older than the newest SDKs may refuse, unbilled. Only what preview
   * has seen is sent. State keeps its path and its digest.
   *
   * Changing this generates, and bills, a new image.
   * @see AigcImageTaskInputFileInfo, parameter Base64
   */
  asset?: pulumi.Input<pulumi.asset.FileAsset>;

  /**
   * The picture's bytes as Base64, without a `data:` prefix: jpeg, jpg, png or webp, at most 7 MB over all reference
   * images. State keeps its SHA-256 digest.
   *
   * Changing this generates, and bills, a new image.
   */
  base64?: pulumi.Input<string>;

  /**
   * Description of the reference image, which helps the model to understand it. GG 2.5 and 3.0 only.
   *
   * Changing this generates, and bills, a new image.
   */
  text?: pulumi.Input<string>;

  /**
   * Kind of reference image: `mask`. OG only.
   *
   * Changing this generates, and bills, a new image.
   */
  referenceType?: pulumi.Input<string>;
}

/**
 * How the picture is made and stored.
 * @see AigcImageOutputConfig
 */
export interface OutputConfigArgs {
  /**
   * `Permanent` keeps the picture in VOD and gives it a FileId; `Temporary` gives a URL that is valid for 7 days. The
   * API's own default is `Temporary`.
   *
   * Changing this generates, and bills, a new image.
   * @default Permanent
   */
  storageMode?: pulumi.Input<Open<StorageMode>>;

  /**
   * Name of the media file, at most 64 characters. A change renames it in place, unbilled. A file is made under its
   * generation id, tagged, and renamed once the media library finds it by its tag, so that a paid picture is found again
   * at any age, on any machine.
   * @default the generation id
   */
  mediaName?: pulumi.Input<string>;

  /**
   * ID of the VOD class the file is filed under, an integer from 0. A change moves it in place, unbilled.
   * @default 0
   */
  classId?: pulumi.Input<number>;

  /**
   * When the service deletes the file, in ISO 8601 with a time zone: `2030-01-31T00:00:00Z`. A change is made in place,
   * unbilled.
   * @default never
   */
  expireTime?: pulumi.Input<string>;

  /**
   * Resolution, in the model's own spelling: `2K` with GG, `2k` with Kling, `1080p` with Vidu. Hunyuan and Qwen take a
   * size in `additionalParameters` instead.
   *
   * Changing this generates, and bills, a new image.
   * @default the model's: 1K in most
   */
  resolution?: pulumi.Input<string>;

  /**
   * Width to height, such as `16:9`; which ones depends on the model. SI, Hunyuan and Qwen have none.
   *
   * Changing this generates, and bills, a new image.
   */
  aspectRatio?: pulumi.Input<string>;

  /**
   * Whether people may appear: `AllowAdult` or `Disallowed`.
   *
   * Changing this generates, and bills, a new image.
   */
  personGeneration?: pulumi.Input<Open<PersonGeneration>>;

  /**
   * Whether the input is checked for compliance: `Enabled` or `Disabled`.
   *
   * Changing this generates, and bills, a new image.
   */
  inputComplianceCheck?: pulumi.Input<Open<Toggle>>;

  /**
   * Whether the picture is checked for compliance: `Enabled` or `Disabled`.
   *
   * Changing this generates, and bills, a new image.
   */
  outputComplianceCheck?: pulumi.Input<Open<Toggle>>;

  /**
   * How many images to make, each of them billed: `1` to `9` with Kling, `1` to `8` with OG. No other model makes more
   * than one.
   *
   * Changing this generates, and bills, a new image.
   * @default 1
   */
  outputImageCount?: pulumi.Input<number>;

  /**
   * File format: `jpeg` or `png`.
   *
   * Changing this generates, and bills, a new image.
   * @default the model's
   */
  outputFormat?: pulumi.Input<Open<OutputFormat>>;

  /**
   * Whether a logo is put on the picture: `Enabled` or `Disabled`.
   *
   * Changing this generates, and bills, a new image.
   * @default Disabled
   */
  logoAdd?: pulumi.Input<Open<Toggle>>;
}

/**
 * Parameters of a model's own, in the API's spelling.
 * @see CreateAigcImageTask, parameter ExtInfo
 */
export interface AdditionalParametersArgs {
  /**
   * Width and height in pixels: `728x1024`; with Qwen `728*1024`. Hunyuan 3.0: each side 512 to 2048, at most 1048576
   * pixels. SI: 921600 (4.0) or 3686400 (4.5, 5.0-lite) to 16777216 pixels (5.0-lite: 10404496). Qwen 0925: 262144 to
   * 4194304. OG: 655360 to 8294400, a multiple of 16.
   */
  size?: pulumi.Input<string>;
  /** SI: `auto` makes several images, as many as the prompt asks for; the spend guard counts the most, 15. */
  sequential_image_generation?: pulumi.Input<string>;
  /** OG: `transparent` for a transparent background. */
  background?: pulumi.Input<string>;
  /** Kling `scene`: widen upwards, 0 to 2 times the height; the new picture at most 3 times as large. */
  up_expansion_ratio?: pulumi.Input<number>;
  /** Kling `scene`: widen downwards, 0 to 2 times the height. */
  down_expansion_ratio?: pulumi.Input<number>;
  /** Kling `scene`: widen to the left, 0 to 2 times the width. */
  left_expansion_ratio?: pulumi.Input<number>;
  /** Kling `scene`: widen to the right, 0 to 2 times the width. */
  right_expansion_ratio?: pulumi.Input<number>;
  /** What a model that the table does not list takes (`allowUndocumentedModel`). */
  [parameter: string]: pulumi.Input<unknown> | undefined;
}
