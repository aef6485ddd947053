/**
 * What crosses the wire: requests and answers of the VOD actions in use, API version 2018-07-17, in the API's own
 * spelling. Answers keep every field optional that a real answer has been seen to leave out or to send as `null`.
 */

/** Actions of the service that this package calls. */
export interface VodActions {
  CreateAigcImageTask: { request: CreateAigcImageTaskRequest; response: CreateAigcImageTaskResponse };
  DescribeTaskDetail: { request: DescribeTaskDetailRequest; response: DescribeTaskDetailResponse };
  DescribeTasks: { request: DescribeTasksRequest; response: DescribeTasksResponse };
  DescribeMediaInfos: { request: DescribeMediaInfosRequest; response: DescribeMediaInfosResponse };
  ModifyMediaInfo: { request: ModifyMediaInfoRequest; response: ModifyMediaInfoResponse };
  DescribeAigcQuotas: { request: DescribeAigcQuotasRequest; response: DescribeAigcQuotasResponse };
  SearchMedia: { request: SearchMediaRequest; response: SearchMediaResponse };
  DescribeAigcUsageData: { request: DescribeAigcUsageDataRequest; response: DescribeAigcUsageDataResponse };
}

export type VodAction = keyof VodActions;

export interface CreateAigcImageTaskRequest {
  SubAppId: number;
  ModelName: string;
  ModelVersion: string;
  FileInfos?: AigcImageTaskInputFileInfo[];
  Prompt?: string;
  NegativePrompt?: string;
  EnhancePrompt?: string;
  OutputConfig?: AigcImageOutputConfig;
  InputRegion?: string;
  SceneType?: string;
  Seed?: number;
  SessionId?: string;
  SessionContext?: string;
  TasksPriority?: number;
  ExtInfo?: string;
}

export interface AigcImageTaskInputFileInfo {
  Type?: string;
  FileId?: string;
  Url?: string;
  Base64?: string;
  Text?: string;
  ReferenceType?: string;
}

export interface AigcImageOutputConfig {
  StorageMode?: string;
  MediaName?: string;
  ClassId?: number;
  ExpireTime?: string;
  Resolution?: string;
  AspectRatio?: string;
  PersonGeneration?: string;
  InputComplianceCheck?: string;
  OutputComplianceCheck?: string;
  OutputImageCount?: number;
  OutputFormat?: string;
  LogoAdd?: string;
}

export interface CreateAigcImageTaskResponse {
  TaskId?: string;
  RequestId: string;
}

export interface DescribeTaskDetailRequest {
  TaskId: string;
  SubAppId?: number;
}

export interface DescribeTaskDetailResponse {
  TaskType?: string | null;
  /** `WAITING`, `PROCESSING`, `FINISH`, `ABORTED`. */
  Status?: string | null;
  CreateTime?: string | null;
  BeginProcessTime?: string | null;
  FinishTime?: string | null;
  AigcImageTask?: AigcImageTaskInfo | null;
  RequestId: string;
}

export interface AigcImageTaskInfo {
  TaskId?: string | null;
  Status?: string | null;
  /** `0` is success, and so far only together with an empty `ErrCodeExt`. */
  ErrCode?: number | null;
  ErrCodeExt?: string | null;
  Message?: string | null;
  Progress?: number | null;
  Input?: AigcImageTaskInput | null;
  Output?: { FileInfos?: AigcImageTaskOutputFileInfo[] | null } | null;
  SessionId?: string | null;
  SessionContext?: string | null;
}

/** The request as the service echoes it. The echo may use an alias of what was sent. */
export interface AigcImageTaskInput {
  ModelName?: string | null;
  ModelVersion?: string | null;
  FileInfos?: AigcImageTaskInputFileInfo[] | null;
  Prompt?: string | null;
  NegativePrompt?: string | null;
  EnhancePrompt?: string | null;
  GenerationMode?: string | null;
  OutputConfig?: { [K in keyof AigcImageOutputConfig]?: AigcImageOutputConfig[K] | null } | null;
  Seed?: number | null;
  SceneType?: string | null;
  ExtInfo?: string | null;
}

export interface AigcImageTaskOutputFileInfo {
  StorageMode?: string | null;
  MediaName?: string | null;
  ClassId?: number | null;
  ExpireTime?: string | null;
  FileType?: string | null;
  FileUrl?: string | null;
  FileId?: string | null;
  MetaData?: MediaMetaData | null;
}

export interface MediaMetaData {
  Size?: number | null;
  Container?: string | null;
  Width?: number | null;
  Height?: number | null;
  Md5?: string | null;
  VideoStreamSet?: { Width?: number | null; Height?: number | null }[] | null;
}

export interface DescribeTasksRequest {
  SubAppId?: number;
  Status?: string;
  /** `After` is inclusive, `Before` exclusive; ISO 8601. */
  CreateTime?: TimeRange;
  FinishTime?: TimeRange;
  Sort?: { Field: string; Order?: string };
  /** Default 10, at most 100. */
  Limit?: number;
  ScrollToken?: string;
}

export interface TimeRange {
  After?: string;
  Before?: string;
}

export interface DescribeTasksResponse {
  TaskSet?: TaskSimpleInfo[] | null;
  /** Empty or `null` after the last page. */
  ScrollToken?: string | null;
  RequestId: string;
}

export interface TaskSimpleInfo {
  TaskId: string;
  Status?: string | null;
  TaskType?: string | null;
  CreateTime?: string | null;
  BeginProcessTime?: string | null;
  FinishTime?: string | null;
  SessionId?: string | null;
  SessionContext?: string | null;
}

export interface DescribeMediaInfosRequest {
  /** At most 20. */
  FileIds: string[];
  SubAppId?: number;
  Filters?: string[];
}

export interface DescribeMediaInfosResponse {
  MediaInfoSet?: MediaInfo[] | null;
  NotExistFileIdSet?: string[] | null;
  RequestId: string;
}

export interface MediaInfo {
  FileId: string;
  BasicInfo?: MediaBasicInfo | null;
  MetaData?: MediaMetaData | null;
}

export interface MediaBasicInfo {
  Name?: string | null;
  CreateTime?: string | null;
  /** `9999-12-31T23:59:59Z` is never. */
  ExpireTime?: string | null;
  ClassId?: number | null;
  Type?: string | null;
  MediaUrl?: string | null;
  Category?: string | null;
  Description?: string | null;
  UpdateTime?: string | null;
  TagSet?: string[] | null;
}

export interface ModifyMediaInfoRequest {
  FileId: string;
  SubAppId?: number;
  Name?: string;
  Description?: string;
  ClassId?: number;
  ExpireTime?: string;
  /** A file has at most 16 tags, each of at most 32 characters. */
  AddTags?: string[];
  DeleteTags?: string[];
  /** 1 takes all tags away. */
  ClearTags?: number;
}

export interface ModifyMediaInfoResponse {
  RequestId: string;
}

export interface DescribeAigcQuotasRequest {
  SubAppId: number;
  /** `Image`, `Video`, `Text`. */
  QuotaType: string;
  /** 1 to 100, default 10. */
  Limit?: number;
  Offset?: number;
}

export interface DescribeAigcQuotasResponse {
  QuotaSet?: AigcQuotaItem[] | null;
  TotalCount?: number | null;
  RequestId: string;
}

/** A limit that was set for a SubAppId; of `Image` in images. Usage lags, since tasks are asynchronous. */
export interface AigcQuotaItem {
  QuotaType?: string | null;
  QuotaLimit?: number | null;
  Usage?: number | null;
}

export interface SearchMediaRequest {
  SubAppId?: number;
  /** At most 10, each at most 100 characters. */
  NamePrefixes?: string[];
  /** Fuzzy, best match first; at most 10, each at most 100 characters. */
  Names?: string[];
  /** At most 16. Whether several mean all or any of them is not documented: one a request is sent. */
  Tags?: string[];
  Categories?: string[];
  Sort?: { Field: string; Order?: string };
  /** `Offset` + `Limit` at most 5000. */
  Offset?: number;
  /** Default 10. */
  Limit?: number;
  Filters?: string[];
}

export interface SearchMediaResponse {
  TotalCount?: number | null;
  MediaInfoSet?: MediaInfo[] | null;
  RequestId: string;
}

export interface DescribeAigcUsageDataRequest {
  /** ISO 8601. Of a day at most the answer is in steps of 5 minutes, of more in days. */
  StartTime: string;
  EndTime: string;
  /** `Image` for what CreateAigcImageTask makes. */
  AigcType: string;
  SubAppId?: number;
}

export interface DescribeAigcUsageDataResponse {
  AigcUsageDataSet?: AigcUsageDataItem[] | null;
  RequestId: string;
}

/** What was used of one specification, such as `Hunyuan3.0_1K`. */
export interface AigcUsageDataItem {
  Specification?: string | null;
  DataSet?: TaskStatDataItem[] | null;
}

export interface TaskStatDataItem {
  /** When the step begins, ISO 8601. */
  Time?: string | null;
  /** Tasks. */
  Count?: number | null;
  /** Of `Image`: images. */
  Usage?: number | null;
}
