/** Checked by the compiler, not run: the hand-written argument types and the schema say the same. */
import type { asset, Input, Output } from "@pulumi/pulumi";
import type { AdditionalParametersArgs, AigcImageTaskArgs, FileInfoArgs, OutputConfigArgs } from "../../provider";
import { type AigcImageTask, ModelName, StorageMode } from "../../provider";
import type { TaskInputs } from "../../provider/schema/inputs";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function holds<_Claim extends true>(): void;

/** A type as plain data: without promises and outputs, every literal as the primitive it belongs to. */
type Plain<T> = unknown extends T
  ? unknown
  : T extends asset.FileAsset
    ? unknown
    : T extends Promise<unknown> | { apply: unknown }
      ? never
      : T extends string
        ? string
        : T extends number
          ? number
          : T extends boolean
            ? boolean
            : T extends readonly (infer Item)[]
              ? Plain<Item>[]
              : T extends object
                ? { [Key in keyof T]: Plain<Exclude<T[Key], undefined>> }
                : T;

type Hidden = "resourceUrn" | "formerUrns" | "generationId" | "__provider";
/** Free-form inputs: the schema takes any object, the argument types describe what is known of it. */
type FreeForm = "additionalParameters" | "keepers";
type Fields = Omit<TaskInputs, Hidden | FreeForm>;

holds<Equal<keyof AigcImageTaskArgs, Exclude<keyof TaskInputs, Hidden>>>();
holds<Equal<Plain<Required<Omit<AigcImageTaskArgs, FreeForm>>>, Plain<Required<Fields>>>>();
holds<Equal<keyof Required<OutputConfigArgs>, keyof Required<NonNullable<TaskInputs["outputConfig"]>>>>();
holds<Equal<keyof Required<FileInfoArgs>, keyof Required<NonNullable<TaskInputs["fileInfos"]>[number]>>>();

/** What has to be given, subAppId aside, which the stack's configuration may give. */
type RequiredKeys<T> = { [Key in keyof T]-?: undefined extends T[Key] ? never : Key }[keyof T];
holds<Equal<RequiredKeys<AigcImageTaskArgs>, "modelName" | "modelVersion">>();
holds<Equal<RequiredKeys<Fields>, "modelName" | "modelVersion">>();

declare const someText: Output<string>;
declare const task: AigcImageTask;

/** Arguments are open: a value that the service has learnt since needs no cast; a value of another type is an error. */
export const accepted: AigcImageTaskArgs[] = [
  { modelName: ModelName.GG, modelVersion: "3.0", prompt: someText },
  { modelName: "Brand-new", modelVersion: someText, outputConfig: { storageMode: StorageMode.Temporary } },
  { modelName: "GG", modelVersion: Promise.resolve("3.0"), fileInfos: [{ url: task.url }, { fileId: someText }] },
  {
    modelName: "Hunyuan",
    modelVersion: "3.0",
    additionalParameters: { size: someText, other: 1 },
    keepers: { a: task.id },
  },
  // @ts-expect-error a version is a text
  { modelName: "GG", modelVersion: 3 },
  // @ts-expect-error a model has a version
  { modelName: "GG" },
  // @ts-expect-error a mistyped name
  { modelName: "GG", modelVersion: "3.0", promt: "a" },
  // @ts-expect-error a mistyped nested name
  { modelName: "GG", modelVersion: "3.0", outputConfig: { resoluton: "1K" } },
  // @ts-expect-error a priority is a number
  { modelName: "GG", modelVersion: "3.0", tasksPriority: "10" },
];

holds<Equal<AdditionalParametersArgs["size"], Input<string> | undefined>>();
holds<Equal<AigcImageTask["url"], Output<string>>>();
