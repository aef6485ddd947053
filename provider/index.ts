export { AigcImageTask, type ImageFile } from "./aigcImageTask";
export type {
  AdditionalParametersArgs,
  AigcImageTaskArgs,
  FileInfoArgs,
  OutputConfigArgs,
} from "./aigcImageTaskArgs";
export {
  type GetImageTaskOutputArgs,
  type GetQuotaOutputArgs,
  type GetUsageOutputArgs,
  getImageTask,
  getImageTaskOutput,
  getQuota,
  getQuotaOutput,
  getUsage,
  getUsageOutput,
  type ListImageTasksOutputArgs,
  listImageTasks,
  listImageTasksOutput,
} from "./functions/inProgram";
export type {
  GetImageTaskArgs,
  GetImageTaskResult,
  GetQuotaArgs,
  GetQuotaResult,
  GetUsageArgs,
  GetUsageResult,
  ListedImageTask,
  ListImageTasksArgs,
  ListImageTasksResult,
  SpecificationUsage,
} from "./functions/types";
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
