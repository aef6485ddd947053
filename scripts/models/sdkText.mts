/**
 * Reads what the declarations of the vendor's SDK say of CreateAigcImageTask. It is prose in HTML, in Chinese or in
 * English, so each reading takes both, and what cannot be read is left out for the comparison to name.
 */

/** What is said of each field, by its name. */
export type Comments = ReadonlyMap<string, string>;

export interface SdkText {
  readonly request: Comments;
  readonly outputConfig: Comments;
  readonly fileInfo: Comments;
}

/** A model as a text names it: `GG 3.0`, or `OG` for all its versions. */
export type ModelKey = string;

/** What the SDK says of the models. */
export interface Stated {
  readonly names: readonly string[];
  /** By name. */
  readonly versions: ReadonlyMap<string, readonly string[]>;
  readonly referenceImages: ReadonlyMap<ModelKey, number>;
  /** Empty where the field is said not to be supported. */
  readonly resolutions: ReadonlyMap<ModelKey, readonly string[]>;
  readonly aspectRatios: ReadonlyMap<ModelKey, readonly string[]>;
  readonly outputImages: ReadonlyMap<ModelKey, number>;
  /** By name. */
  readonly sceneTypes: ReadonlyMap<string, readonly string[]>;
  /** All numbers in what is said of ExtInfo. */
  readonly extInfo: ReadonlyMap<ModelKey, ReadonlySet<number>>;
}

/** @param declarations a `.d.ts` that holds the interfaces of the request and of its parts */
export function readSdk(declarations: string): SdkText {
  return {
    request: commentsOf(declarations, "CreateAigcImageTaskRequest"),
    outputConfig: commentsOf(declarations, "AigcImageOutputConfig"),
    fileInfo: commentsOf(declarations, "AigcImageTaskInputFileInfo"),
  };
}

function commentsOf(declarations: string, name: string): Comments {
  const [, body = ""] = new RegExp(`^export interface ${name} \\{\\r?\\n(.*?)^\\}`, "ms").exec(declarations) ?? [];
  const fields = body.matchAll(/\/\*\*(.*?)\*\/\s*(\w+)\??:/gs);
  return new Map([...fields].map(([, comment = "", field = ""]) => [field, comment.replace(/^\s*\* ?/gm, "").trim()]));
}

export function statedIn({ request, outputConfig }: SdkText): Stated {
  return {
    names: items(request.get("ModelName")).flatMap((item) => /^\w+$/.exec(item) ?? []),
    versions: new Map(
      items(request.get("ModelVersion")).flatMap((item) => {
        const [, name, list] =
          /ModelName\s*(?:是|is)\s*(\w+)\s*[，,]\s*(?:可选值为|[a-z ]+values?(?: are)?:?)\s*(.+)$/.exec(item) ?? [];
        return name && list ? [[name, list.split(/[、,，]/).map(trimmed)] as const] : [];
      }),
    ),
    referenceImages: keyed(request.get("FileInfos"), (text) => numberIn(/\d+/, text)),
    resolutions: keyed(outputConfig.get("Resolution"), (text) => listIn(/\b\d+[KkPp]\b/g, text)),
    aspectRatios: keyed(outputConfig.get("AspectRatio"), (text) => listIn(/\b(?:\d+:\d+|auto)\b/g, text)),
    outputImages: keyed(outputConfig.get("OutputImageCount"), (text) => numberIn(/(?<=1\s*-\s*)\d+/, text)),
    sceneTypes: new Map(
      items(request.get("SceneType")).flatMap((item) => {
        const [, name, scene] = /ModelName\s*(?:为|是|is)\s*(\w+).*?[：:]\s*(\w+)/.exec(item) ?? [];
        return name && scene ? [[name, [scene]] as const] : [];
      }),
    ),
    extInfo: sectionsOf(request.get("ExtInfo") ?? ""),
  };
}

/** Values that a field is said to have, such as `Enabled` and `Disabled`. */
export function valuesIn(comment: string | undefined): string[] {
  return items(comment).flatMap((item) => /^\w+(?=$|\s*[：:])/.exec(item) ?? []);
}

/** The entries of its lists, without their markup and what ends them. */
function items(comment = ""): string[] {
  return [...comment.matchAll(/<li>(.*?)(?=<\/?li>|<\/ul>|$)/gis)].map(([, item = ""]) => trimmed(item));
}

function trimmed(text: string): string {
  return text
    .replace(/<[^>]*>/g, "")
    .replace(/[\s；;。.]+$/, "")
    .trim();
}

/** Entries such as `GG 3.0: 14`, by the model that they begin with. */
function keyed<T>(comment: string | undefined, read: (text: string) => T | undefined): Map<ModelKey, T> {
  const entries = items(comment).flatMap((item) => {
    const [, key, text] = /^([A-Z]\w*(?: [\w.-]+)?)\s*[：:]\s*(.+)$/s.exec(item) ?? [];
    const value = key === undefined || text === undefined ? undefined : read(text);
    return key === undefined || value === undefined ? [] : [[key, value] as const];
  });
  return new Map(entries);
}

function numberIn(pattern: RegExp, text: string): number | undefined {
  const [found] = pattern.exec(text) ?? [];
  return found === undefined ? undefined : Number(found);
}

/** What is not supported has none, whatever else is told of it; the default is one of the list. */
function listIn(pattern: RegExp, text: string): string[] | undefined {
  if (/不支持|not? (?:currently )?support|unsupported/i.test(text)) return [];
  const [list = ""] = text.split(/默认|default/i);
  const found = list.match(pattern);
  return found === null ? undefined : [...found];
}

/** What ExtInfo says of each model: a paragraph names it, and a list follows. */
function sectionsOf(comment: string): Map<ModelKey, ReadonlySet<number>> {
  const [, ...parts] = comment.split(/<li><p>(?=[A-Z][\w.-]*(?: [\w.-]+)?<\/p>)/);
  return new Map(
    parts.flatMap((part) => {
      const [, key, text] = /^(.*?)<\/p>(.*)$/s.exec(part) ?? [];
      return key && text ? [[key, numbersIn(text)] as const] : [];
    }),
  );
}

/** Numbers, also written as `655,360` or `1024x1024`. */
function numbersIn(text: string): ReadonlySet<number> {
  const joined = text.replace(/(?<=\d),(?=\d{3}\b)/g, "");
  const products = [...joined.matchAll(/(\d+)x(\d+)/g)].map(([, width, height]) => Number(width) * Number(height));
  return new Set([...[...joined.matchAll(/\d+(?:\.\d+)?/g)].map(Number), ...products]);
}
