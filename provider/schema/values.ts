/**
 * The closed sets of values of the request's fields, as the API spells them. Model names and versions, resolutions and
 * aspect ratios differ from model to model and are in `models.ts`.
 */
import { models } from "./models";

/** The members of a constant object, as a type. */
type ValueOf<T> = T[keyof T];

/** A model name that the model table lists. */
export type ModelName = (typeof models)[number]["name"];

/** The model names that the model table lists. */
export const ModelName = Object.fromEntries(models.map(({ name }) => [name, name])) as { readonly [K in ModelName]: K };

/** A model version that the model table lists. Which version goes with which name: see the table. */
export type ModelVersion = (typeof models)[number]["version"];

/** Where the service keeps the picture. */
export const StorageMode = {
  /** Kept in VOD, with a FileId. */
  Permanent: "Permanent",
  /** Not kept in VOD: a URL without FileId, valid for 7 days. */
  Temporary: "Temporary",
} as const;
export type StorageMode = ValueOf<typeof StorageMode>;

/** An option that is switched on or off: `enhancePrompt`, the compliance checks, `logoAdd`. */
export const Toggle = { Enabled: "Enabled", Disabled: "Disabled" } as const;
export type Toggle = ValueOf<typeof Toggle>;

/** Whether people may appear in the picture. */
export const PersonGeneration = {
  /** Adults may appear. */
  AllowAdult: "AllowAdult",
  /** No people and no faces. */
  Disallowed: "Disallowed",
} as const;
export type PersonGeneration = ValueOf<typeof PersonGeneration>;

/** Region of the input. */
export const InputRegion = {
  /** Chinese mainland. */
  Mainland: "Mainland",
  /** Overseas. */
  Oversea: "Oversea",
  /** Overseas, western United States. */
  OverseaUSWest: "OverseaUSWest",
} as const;
export type InputRegion = ValueOf<typeof InputRegion>;

/** File format of the picture. */
export const OutputFormat = { Jpeg: "jpeg", Png: "png" } as const;
export type OutputFormat = ValueOf<typeof OutputFormat>;

/** How a reference image is given. */
export const FileInfoType = {
  /** A media file of VOD: `fileId`. */
  File: "File",
  /** A URL that the service can reach: `url`. */
  Url: "Url",
  /** The bytes themselves: `base64`. */
  Base64: "Base64",
} as const;
export type FileInfoType = ValueOf<typeof FileInfoType>;
