/** How much of the service's own words an error repeats, in characters. */
const longestExcerpt = 240;

/** Longer unbroken words are keys, signatures and encoded data, not words. */
const longestWord = 40;

/** Texts longer than this are not compared piece by piece; `longestWord` covers what an excerpt could hold of them. */
const longestCompared = 64 * 1024;

/** Pieces of the Authorization header this long are no words of anybody's; shorter ones are, such as "Credential". */
const headerPiece = 24;

/** What is put where text was taken out. */
const hole = "…";

/**
 * The service's own words in a form that may be shown and stored: one line, short, and without any text that the
 * request or the credentials hold, since the service may repeat what it was sent. Case and white space do not hide a
 * repetition, nor does cutting it short: 8 characters in a row, or 4 beyond ASCII, are enough to be taken out.
 *
 * @param authorization the header of the request: its signature is a secret, the rest is made of words that errors use
 */
export function scrub(message: string, request: unknown, secrets: readonly string[], authorization = ""): string {
  const text = oneLine(decoded(message)).slice(0, 4 * longestExcerpt);
  const signature = /Signature=(\w+)/.exec(authorization)?.[1] ?? "";
  const known = [...strings(request), ...secrets, signature].map(oneLine).filter((value) => value.length >= 4);
  const taken = new Array<boolean>(text.length).fill(false);
  const folded = fold(text);
  for (const value of new Set(known.map(fold))) {
    for (let at = folded.indexOf(value); at >= 0; at = folded.indexOf(value, at + 1)) {
      taken.fill(true, at, at + value.length);
    }
    if (value.length <= longestCompared) {
      takePieces(folded, value, taken, 8);
    }
  }
  takePieces(folded, fold(authorization), taken, headerPiece);
  const holed = withHoles(text, taken);
  const words = holed
    .replace(new RegExp(`[^\\s${hole}]{${longestWord},}`, "g"), hole)
    .replace(new RegExp(`${hole}(?:\\P{L}*${hole})+`, "gu"), hole);
  return words.length > longestExcerpt ? `${words.slice(0, longestExcerpt)}${hole}` : words;
}

function takePieces(text: string, value: string, taken: boolean[], asciiPiece: number): void {
  for (let at = 0; at < text.length; at++) {
    const size = /[^\0-\x7f]/.test(text.slice(at, at + 4)) ? 4 : asciiPiece;
    const piece = text.slice(at, at + size);
    if (piece.length === size && value.includes(piece)) {
      taken.fill(true, at, at + size);
    }
  }
}

function withHoles(text: string, taken: readonly boolean[]): string {
  let result = "";
  for (let at = 0; at < text.length; at++) {
    if (!taken[at]) {
      result += text[at];
    } else if (!taken[at - 1]) {
      result += hole;
    }
  }
  return result;
}

/** Undoes the escapes of JSON and of URLs, behind which a repetition could hide. */
function decoded(text: string): string {
  return text
    .replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\\[nrt]/g, " ")
    .replace(/\\(["\\/])/g, "$1")
    .replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
      try {
        return decodeURIComponent(encoded);
      } catch {
        return encoded;
      }
    });
}

function oneLine(text: string): string {
  return text.replace(/[\s\p{C}]+/gu, " ").trim();
}

/** Lower case, kept only where it is as long as the original, so that places in both are the same. */
function fold(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text;
}

/** Every string value within a request, at any depth; numbers and names of fields are no secret. */
function* strings(value: unknown): Generator<string> {
  if (typeof value === "string") {
    const inner = nestedJson(value);
    if (inner === undefined) {
      yield value;
    } else {
      yield* strings(inner);
    }
  } else if (typeof value === "object" && value !== null) {
    for (const item of Object.values(value)) {
      yield* strings(item);
    }
  }
}

/** ExtInfo is JSON within JSON: what counts are the values inside. */
function nestedJson(text: string): object | undefined {
  if (!/^\s*[[{]/.test(text) || text.length > longestCompared) {
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
