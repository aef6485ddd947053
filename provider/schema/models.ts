/**
 * The model table: one row per model name and version, data only. Nothing else in the code knows a model's name.
 *
 * Sources. The reference page of CreateAigcImageTask (2026-05-19) states names, versions, reference images, scene types
 * and the ExtInfo rules of Hunyuan, SI and Qwen. It leaves out the type of OutputConfig and of FileInfos, so resolutions,
 * aspect ratios, image counts and the per-item fields of every row are those of the vendor's SDKs, which agree with one
 * another: tencentcloud-sdk-nodejs 4.1.313 and tencentcloud-sdk-python-intl-en 3.1.193. A row's `source` says where the pair
 * of name and version comes from, and `compared` when the row was last held against it; `npm run models` compares all rows
 * with the newest SDK. What no source states for a row is left out of it, and is then not checked.
 *
 * Where the sources contradict themselves or one another:
 * - Jimeng 4.0 and Mingmou 1.0 are each in a list of versions but in no list of names. Listed: a documented rule names
 *   them, and the service has answered for Jimeng 4.0.
 * - MJ v7 is only in the page's list of reference image limits, GEM only in its example. Not listed (`formerModels`).
 * - SI and Qwen are on the page and gone from newer SDKs. Listed: the page is the source of truth.
 * - Scene type: the page knows Hunyuan's only and rules out the others; newer SDKs add `image_expand` for Kling, together
 *   with the version `scene`. Allowed with that version alone, so that the page's own rows keep the page's rule.
 * - Kling's resolutions are printed with a lower case k, everyone else's with a capital. Kept as printed, case matters.
 * - Qwen's least area is printed as 512x512=261632. 512 x 512 is 262144, the stricter reading, and is what is used here.
 * - SI 5.0-lite's greatest area, 3072x3072x1.1025, is printed rounded up, as 10404496. Kept as printed.
 * - Qwen's size has the separator `*`, Hunyuan's and SI's `x`. OG's is `*` in one SDK and `x` in the other: both pass.
 * - OG's "pixel size, divisible by 16" is read as width times height: the vendor's own example, 728x1024, has a side that
 *   is not.
 * - GG 3.1 had the resolution `512` in May 2026 and has `720P` in its place since: the newer list is used.
 * - The page's example sends TasksPriority as the string "10", its table says Integer. Only integers pass (`request.ts`).
 */

/** The rule of the additional parameter `size`, width and height in pixels. Bounds are inclusive. */
export interface SizeRule {
  /** What may separate width and height. */
  readonly separators: readonly string[];
  /** Bounds of each side. */
  readonly side?: readonly [number, number];
  /** Bounds of width times height. */
  readonly area: readonly [number, number];
  /** Width times height is a multiple of this. */
  readonly areaMultiple?: number;
}

/** The rule of the additional parameters that widen a picture, `up_expansion_ratio` and its three siblings. */
export interface ExpansionRule {
  /** Bounds of each ratio. */
  readonly ratio: readonly [number, number];
  /** How many times as large as the original the new picture may be. */
  readonly area: number;
}

/** What ExtInfo's AdditionalParameters may hold. A key that is not named here is not allowed. */
export interface AdditionalParametersRule {
  readonly size?: SizeRule;
  readonly expansion?: ExpansionRule;
  /** Further keys, each with its allowed values. */
  readonly values?: Readonly<Record<string, readonly string[]>>;
}

/** One model. A rule that is absent is stated nowhere and not checked; an empty list means "not supported". */
export interface ModelRow {
  readonly name: string;
  readonly version: string;
  /** Where the pair of name and version is stated: the reference page, or a vendor SDK with its version. */
  readonly source: "page" | "tencentcloud-sdk-nodejs 4.1.313";
  /** The day on which the row was last compared with its source. */
  readonly compared: `${number}-${number}-${number}`;
  readonly maxReferenceImages?: number;
  /** Whether `fileInfos[].text` has an effect. */
  readonly referenceTexts: boolean;
  /** Values of `fileInfos[].referenceType`. */
  readonly referenceTypes: readonly string[];
  readonly sceneTypes: readonly string[];
  readonly resolutions?: readonly string[];
  readonly aspectRatios?: readonly string[];
  /** Greatest `outputImageCount`; 1 where the field has no effect. */
  readonly maxOutputImages: number;
  readonly additionalParameters?: AdditionalParametersRule;
}

/** A row of the reference page. */
const page = { source: "page", compared: "2026-11-25" } as const;
/** A row that only the vendor's newer SDKs have. */
const sdk = { source: "tencentcloud-sdk-nodejs 4.1.313", compared: "2026-11-25" } as const;

const none = {
  referenceTexts: false,
  referenceTypes: [],
  sceneTypes: [],
  maxOutputImages: 1,
  additionalParameters: {},
} as const;
/** A row of which no source says more than its name and version. */
const unstated = { referenceTexts: false, referenceTypes: [], sceneTypes: [], maxOutputImages: 1 } as const;

const og = {
  ...none,
  referenceTypes: ["mask"],
  resolutions: ["1K", "2K", "4K"],
  aspectRatios: ["1:1", "3:2", "2:3", "3:4", "4:3", "16:9", "9:16", "21:9", "9:21"],
  maxOutputImages: 8,
  additionalParameters: {
    size: { separators: ["x", "*"], area: [655_360, 8_294_400], areaMultiple: 16 },
    values: { background: ["transparent"] },
  },
} as const;

const ggRatios = ["1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"] as const;
const gg = { ...none, resolutions: ["1K", "2K", "4K"], aspectRatios: ggRatios, referenceTexts: true } as const;

const si = { ...none, maxReferenceImages: 14, aspectRatios: [] } as const;
const siValues = { sequential_image_generation: ["auto"] } as const;

const klingRatios = ["16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "21:9"] as const;
const kling = { ...none, resolutions: ["1k", "2k"], aspectRatios: klingRatios, maxOutputImages: 9 } as const;
const klingOmni = {
  ...kling,
  maxReferenceImages: 10,
  resolutions: ["1k", "2k", "4k"],
  aspectRatios: [...klingRatios, "auto"],
} as const;

export const models = [
  { name: "OG", version: "image2_low", ...page, ...og },
  { name: "OG", version: "image2_medium", ...page, ...og },
  { name: "OG", version: "image2_high", ...page, ...og },
  { name: "GG", version: "2.5", ...page, ...gg, maxReferenceImages: 3 },
  { name: "GG", version: "3.0", ...page, ...gg, maxReferenceImages: 14 },
  {
    name: "GG",
    version: "3.1",
    ...page,
    ...none,
    maxReferenceImages: 14,
    resolutions: ["720P", "1K", "2K", "4K"],
    aspectRatios: [...ggRatios, "1:4", "1:8", "4:1", "8:1"],
  },
  { name: "GG", version: "3.1-lite", ...sdk, ...unstated },
  { name: "Jimeng", version: "4.0", ...page, ...unstated },
  {
    name: "SI",
    version: "4.0",
    ...page,
    ...si,
    resolutions: ["1K", "2K", "4K"],
    additionalParameters: { size: { separators: ["x"], area: [921_600, 16_777_216] }, values: siValues },
  },
  {
    name: "SI",
    version: "4.5",
    ...page,
    ...si,
    resolutions: ["2K", "4K"],
    additionalParameters: { size: { separators: ["x"], area: [3_686_400, 16_777_216] }, values: siValues },
  },
  {
    name: "SI",
    version: "5.0-lite",
    ...page,
    ...si,
    resolutions: ["2K", "3K"],
    additionalParameters: { size: { separators: ["x"], area: [3_686_400, 10_404_496] }, values: siValues },
  },
  {
    name: "Qwen",
    version: "0925",
    ...page,
    ...none,
    maxReferenceImages: 1,
    resolutions: [],
    aspectRatios: [],
    additionalParameters: { size: { separators: ["*"], area: [262_144, 4_194_304] } },
  },
  {
    name: "Hunyuan",
    version: "3.0",
    ...page,
    ...none,
    maxReferenceImages: 3,
    sceneTypes: ["3d_panorama"],
    resolutions: [],
    aspectRatios: [],
    additionalParameters: { size: { separators: ["x"], side: [512, 2048], area: [0, 1_048_576] } },
  },
  {
    name: "Hunyuan",
    version: "3.5-preview",
    ...sdk,
    ...unstated,
    sceneTypes: ["3d_panorama"],
  },
  { name: "Hunyuan", version: "3d_2.0", ...sdk, ...unstated, sceneTypes: ["3d_panorama"] },
  {
    name: "Vidu",
    version: "q2",
    ...page,
    ...none,
    maxReferenceImages: 7,
    resolutions: ["1080p", "2K", "4K"],
    aspectRatios: ["16:9", "9:16", "1:1", "3:4", "4:3", "21:9", "2:3", "3:2"],
  },
  { name: "Kling", version: "2.1", ...page, ...kling, maxReferenceImages: 4 },
  { name: "Kling", version: "3.0", ...page, ...kling, maxReferenceImages: 1 },
  { name: "Kling", version: "3.0-Omni", ...page, ...klingOmni },
  { name: "Kling", version: "O1", ...page, ...klingOmni },
  {
    name: "Kling",
    version: "scene",
    ...sdk,
    ...unstated,
    sceneTypes: ["image_expand"],
    maxOutputImages: 9,
    additionalParameters: { expansion: { ratio: [0, 2], area: 3 } },
  },
  { name: "Mingmou", version: "1.0", ...sdk, ...unstated },
] as const satisfies readonly ModelRow[];

/** Names that documents still mention and no list offers, with what to use or to know. */
export const formerModels: Readonly<Record<string, string>> = {
  GEM: "GEM is an earlier name of GG: use GG",
  MJ: "MJ (v7, at most 3 reference images) is mentioned by the reference page but offered by no list of models",
};
