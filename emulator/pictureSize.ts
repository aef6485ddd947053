import type { CreateAigcImageTaskRequest } from "../provider/vod/wire";

export interface Size {
  width: number;
  height: number;
}

const megapixel = 1024 * 1024;

/** How many pixels a Resolution means. */
const areas: Readonly<Record<string, number>> = {
  "512": megapixel / 4,
  "720P": 1280 * 720,
  "1080p": 1920 * 1080,
  "1K": megapixel,
  "2K": 4 * megapixel,
  "3K": 9 * megapixel,
  "4K": 16 * megapixel,
};

/** Models whose default is not 1K. */
const defaultResolutions: Readonly<Record<string, string>> = {
  "SI 4.5": "2K",
  "SI 5.0-lite": "2K",
  "Vidu q2": "1080p",
};

/** The emulator draws no larger picture than this, whatever an unlisted model is asked for. */
const greatestArea = 32 * megapixel;

/** The size in pixels of what a request asks for: an explicit size, else Resolution and AspectRatio. */
export function pictureSize(request: CreateAigcImageTaskRequest): Size {
  const explicit = /^(\d{1,5})[x*](\d{1,5})$/.exec(String(additionalParameter(request, "size") ?? ""));
  if (explicit) {
    const size = { width: Number(explicit[1]), height: Number(explicit[2]) };
    if (size.width > 0 && size.height > 0 && size.width * size.height <= greatestArea) return size;
  }
  const { Resolution, AspectRatio } = request.OutputConfig ?? {};
  const resolution = Resolution || defaultResolutions[`${request.ModelName} ${request.ModelVersion}`] || "1K";
  const area = areas[resolution] ?? areas[resolution.toUpperCase()] ?? megapixel;
  const [, across = 1, down = 1] = /^([1-9]\d?):([1-9]\d?)$/.exec(AspectRatio ?? "") ?? [];
  const ratio = Number(across) / Number(down);
  return { width: multipleOfEight(Math.sqrt(area * ratio)), height: multipleOfEight(Math.sqrt(area / ratio)) };
}

/** One of ExtInfo's AdditionalParameters, which are JSON in a string in JSON; undefined where anything is amiss. */
export function additionalParameter(request: CreateAigcImageTaskRequest, name: string): unknown {
  if (!request.ExtInfo) return undefined;
  try {
    return JSON.parse(JSON.parse(request.ExtInfo).AdditionalParameters)[name];
  } catch {
    return undefined;
  }
}

function multipleOfEight(side: number): number {
  return Math.max(8, Math.round(side / 8) * 8);
}
