export { AigcImageTask, type ImageFile } from "./aigcImageTask";
export type {
  AdditionalParametersArgs,
  AigcImageTaskArgs,
  FileInfoArgs,
  OutputConfigArgs,
} from "./aigcImageTaskArgs";
export {
  FileInfoType,
  InputRegion,
  ModelName,
  type ModelVersion,
  OutputFormat,
  PersonGeneration,
  StorageMode,
  Toggle,
} from "./schema/values";
