import { validateRequest } from "../provider/schema/inputs";
import { fromWire } from "../provider/schema/request";
import type { Parameters } from "./parameters";
import type { Service } from "./service";

/** Why a CreateAigcImageTask is refused. */
export interface Refusal {
  code: string;
  message: string;
  /** Whether it breaks a rule of the request's content, which a service may also find out only in the task. */
  modelRule: boolean;
}

/** The documented error of a property that breaks its rule; every other property has the general one. */
const codes: Readonly<Record<string, string>> = {
  sessionId: "InvalidParameterValue.SessionIdTooLong",
  sessionContext: "InvalidParameterValue.SessionContextTooLong",
  subAppId: "InvalidParameterValue.SubAppId",
};
const generalCode = "InvalidParameter";

/** The first rule that a CreateAigcImageTask request breaks, if any: those of the reference page, then its FileIds. */
export function refusalOf(parameters: Parameters, service: Service): Refusal | undefined {
  const { unlistedModels, unknownFileIds, base64Files } = service.behaviours;
  const [failure] = validateRequest(fromWire(withWholePriority(parameters)), {
    allowUndocumentedModel: unlistedModels === "accepted",
  });
  if (failure) {
    const code = codes[failure.property] ?? generalCode;
    return {
      code,
      message: `${wireName(failure.property)} ${failure.reason}.`,
      modelRule: code === generalCode,
    };
  }
  const base64 = base64Files === "refused" ? base64Index(parameters) : -1;
  if (base64 >= 0) {
    const message = `The parameter \`FileInfos.${base64}.Base64\` is not recognized.`;
    return { code: "UnknownParameter", message, modelRule: false };
  }
  if (parameters["SubAppId"] === undefined) {
    return { code: codes["subAppId"] as string, message: "SubAppId is required.", modelRule: false };
  }
  const unknown = unknownFileIds === "refused" ? unknownFileId(parameters, service) : undefined;
  if (unknown === undefined) return undefined;
  return { code: "InvalidParameterValue.FileId", message: `The FileId ${unknown} does not exist.`, modelRule: false };
}

/** A path as the API spells it: `OutputConfig.Resolution` for `outputConfig.resolution`. */
function wireName(property: string): string {
  return property.replace(/(^|\.)[a-z]/g, (start) => start.toUpperCase());
}

/** The page types TasksPriority as an integer, and sends "10" in its example: the service takes both. */
function withWholePriority(parameters: Parameters): Parameters {
  const priority = parameters["TasksPriority"];
  const isText = typeof priority === "string" && /^-?\d{1,3}$/.test(priority);
  return isText ? { ...parameters, TasksPriority: Number(priority) } : parameters;
}

function base64Index(parameters: Parameters): number {
  const files = (parameters["FileInfos"] ?? []) as { Base64?: string }[];
  return files.findIndex(({ Base64 }) => Base64);
}

function unknownFileId(parameters: Parameters, service: Service): string | undefined {
  const files = (parameters["FileInfos"] ?? []) as { FileId?: string }[];
  const now = service.clock.now();
  const subAppId = parameters["SubAppId"] as number;
  return files.map((file) => file.FileId).find((id) => id && !service.store.media.get(id, subAppId, now));
}
