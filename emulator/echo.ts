import type {
  AigcImageTaskInput,
  AigcImageTaskOutputFileInfo,
  MediaBasicInfo,
  MediaInfo,
  MediaMetaData,
} from "../provider/vod/wire";
import { isoTime } from "./clock";
import { imageDigest } from "./images";
import type { Media } from "./media";
import { pictureSize } from "./pictureSize";
import { type Service, temporaryLifetime } from "./service";
import type { OutputFile, Task } from "./task";
import { zeroTime } from "./view";

/** Names that the service has been seen to use, or to have used, for a model that was asked for by another. */
const aliases: Readonly<Record<string, string>> = { GG: "GEM", Jimeng: "Mingmou" };

const never = "9999-12-31T23:59:59Z";

/** The request as DescribeTaskDetail gives it back: every field of OutputConfig is there, sent or not. */
export function echoedInput({ request }: Task, service: Service): AigcImageTaskInput {
  const output = request.OutputConfig ?? {};
  const name = request.ModelName;
  return {
    ModelName: service.behaviours.aliasedEcho ? (aliases[name] ?? name) : name,
    ModelVersion: request.ModelVersion,
    FileInfos: (request.FileInfos ?? []).map((file) => ({
      Type: file.Type ?? "",
      FileId: file.FileId ?? "",
      Url: file.Url ?? "",
      Base64: "",
      Text: file.Text ?? "",
      ReferenceType: file.ReferenceType ?? "",
    })),
    Prompt: request.Prompt ?? "",
    NegativePrompt: request.NegativePrompt ?? "",
    EnhancePrompt: request.EnhancePrompt ?? "",
    GenerationMode: "",
    OutputConfig: {
      StorageMode: output.StorageMode ?? "",
      MediaName: output.MediaName ?? "",
      ClassId: output.ClassId ?? 0,
      ExpireTime: output.ExpireTime || zeroTime,
      Resolution: output.Resolution ?? "",
      AspectRatio: output.AspectRatio ?? "",
      PersonGeneration: output.PersonGeneration ?? "",
      InputComplianceCheck: output.InputComplianceCheck ?? "",
      OutputComplianceCheck: output.OutputComplianceCheck ?? "",
      OutputImageCount: output.OutputImageCount ?? 0,
      OutputFormat: output.OutputFormat ?? "",
      LogoAdd: output.LogoAdd ?? "",
    },
    Seed: request.Seed ?? 0,
    SceneType: request.SceneType ?? "",
    ExtInfo: request.ExtInfo ?? "",
  };
}

/** A file of a task as DescribeTaskDetail gives it. A Temporary one expires 7 days from now, whenever now is. */
export function outputFileInfo(file: OutputFile, service: Service, withUrl: boolean): AigcImageTaskOutputFileInfo {
  const output = file.task.request.OutputConfig ?? {};
  const permanent = file.fileId !== "";
  return {
    StorageMode: permanent ? "Permanent" : "Temporary",
    MediaName: file.mediaName,
    ClassId: permanent ? (output.ClassId ?? 0) : 0,
    ExpireTime: permanent ? output.ExpireTime || never : isoTime(service.clock.now() + temporaryLifetime),
    FileType: "png",
    FileUrl: withUrl ? service.fileUrl(file) : "",
    FileId: file.fileId,
    MetaData: permanent ? metaData(file) : null,
  };
}

/**
 * A file of the library as DescribeMediaInfos and SearchMedia give it, with the parts that `filters` asks for and the
 * tags that are known to the one who gives it.
 */
export function mediaInfo(
  media: Media,
  filters: readonly string[] | undefined,
  tags: readonly string[],
  service: Service,
): MediaInfo {
  const wanted = (part: string): boolean => filters === undefined || filters.length === 0 || filters.includes(part);
  return {
    FileId: media.fileId,
    BasicInfo: wanted("basicInfo") ? basicInfo(media, tags, service) : null,
    MetaData: wanted("metaData") && media.picture ? metaData(media.picture) : null,
    ...noOtherParts,
  };
}

const noOtherParts = {
  TranscodeInfo: null,
  AnimatedGraphicsInfo: null,
  ImageSpriteInfo: null,
  SnapshotByTimeOffsetInfo: null,
  SampleSnapshotInfo: null,
  KeyFrameDescInfo: null,
  AdaptiveDynamicStreamingInfo: null,
  MiniProgramReviewInfo: null,
  SubtitleInfo: null,
};

function basicInfo(media: Media, tags: readonly string[], service: Service): MediaBasicInfo {
  return {
    Name: media.name,
    Description: media.description,
    CreateTime: isoTime(media.createTime),
    UpdateTime: isoTime(media.updateTime),
    ExpireTime: media.expireTime === Number.POSITIVE_INFINITY ? never : isoTime(media.expireTime),
    ClassId: media.classId,
    Type: "png",
    MediaUrl: media.picture ? service.fileUrl(media.picture) : "",
    TagSet: [...tags],
    Category: "Image",
    ...otherBasicInfo,
  };
}

const otherBasicInfo = {
  ClassName: "",
  ClassPath: "",
  CoverUrl: "",
  StorageRegion: "",
  Vid: "",
  Status: "Normal",
  StorageClass: "STANDARD",
};

function metaData(file: OutputFile): MediaMetaData {
  const { bytes, md5 } = imageDigest(file);
  const { width, height } = pictureSize(file.task.request);
  return {
    Size: bytes,
    Container: "png",
    Width: width,
    Height: height,
    Md5: md5,
    ...{
      Bitrate: 0,
      Duration: 0,
      Rotate: 0,
      VideoDuration: 0,
      AudioDuration: 0,
      VideoStreamSet: [],
      AudioStreamSet: [],
    },
  };
}
