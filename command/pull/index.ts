import { mkdir, open, realpath, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Agent, type Dispatcher, ProxyAgent } from "undici";
import { proxyFor } from "../../provider/vod/proxy";
import { type Command, UsageError } from "../command";
import { readStackExport } from "../stackExport";
import { download, type Result } from "./download";
import { type Picture, picturesOf } from "./pictures";

const help = `Usage: npx pulumi-tencent-aigc pull [FILE | -] [options]

Downloads the pictures of a stack into a folder, with a manifest.json. It bills nothing. Run it again to go on where it
was ended: what is there and right is not fetched again. Ends with 1 where a picture is missing.

  pulumi stack export > stack.json && npx pulumi-tencent-aigc pull stack.json --out pictures

  FILE, or -              a stack from pulumi stack export, from a file or from standard input
  --stack NAME            in place of FILE: runs pulumi stack export, in the project's directory
  --out FOLDER            where to put them (pictures)
  --concurrency N         how many at a time, 1 to 32 (4)
  --max-bytes N           the largest picture that is taken (104857600)
`;

export const pull: Command = {
  name: "pull",
  summary: "downloads the pictures of a stack into a folder, with a manifest",
  help,
  async run(args, { env, stdin, stderr }) {
    const options = readOptions(args);
    const pictures = picturesOf(await readStackExport(options.source, { env, stdin }));
    await mkdir(options.out, { recursive: true });
    const folder = await realpath(options.out);
    const dispatchers = createDispatchers(env);
    const results = new Map<Picture, Result>();
    try {
      const waiting = pictures.values();
      const work = async () => {
        for (const picture of waiting) {
          const { maxBytes } = options;
          const result = await download(picture, { folder, maxBytes, dispatcherFor: dispatchers.for });
          results.set(picture, result);
          const told = result.kind === "missing" ? `missing: ${result.reason}` : result.kind;
          // Without a terminal, only what needs something done.
          if (result.kind === "missing" || ("isTTY" in stderr && stderr.isTTY)) {
            stderr.write(`${results.size}/${pictures.length} ${picture.file} ${told}\n`);
          }
        }
      };
      await Promise.all(Array.from({ length: options.concurrency }, work));
    } finally {
      await dispatchers.close();
    }
    await writeManifest(folder, pictures, results);
    const count = (kind: Result["kind"]) => [...results.values()].filter((result) => result.kind === kind).length;
    const missing = count("missing");
    stderr.write(`${count("fetched")} fetched, ${count("kept")} already there, ${missing} missing.\n`);
    return missing > 0 ? 1 : 0;
  },
};

function readOptions(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      stack: { type: "string" },
      out: { type: "string", default: "pictures" },
      concurrency: { type: "string", default: "4" },
      "max-bytes": { type: "string", default: "104857600" },
    },
  });
  const [file, ...more] = positionals;
  const { stack, out } = values;
  if (more.length > 0 || (file === undefined) === (stack === undefined)) {
    throw new UsageError("give one exported stack (a file, or -), or --stack NAME");
  }
  return {
    source: stack === undefined ? { file: file ?? "-" } : { stack },
    out,
    concurrency: wholeNumber("--concurrency", values.concurrency, 32),
    maxBytes: wholeNumber("--max-bytes", values["max-bytes"], Number.MAX_SAFE_INTEGER),
  };
}

function wholeNumber(option: string, text: string, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > most) {
    throw new UsageError(`${option} must be a whole number from 1 to ${most}`);
  }
  return value;
}

/** The proxy that the environment asks for, as for the service; none to this machine. */
function createDispatchers(env: NodeJS.ProcessEnv) {
  const timeouts = { headersTimeout: 60_000, bodyTimeout: 30_000, connect: { timeout: 15_000 } };
  const direct: Dispatcher = new Agent(timeouts);
  let proxied: Dispatcher | undefined;
  // All proxies of an environment are one: NO_PROXY only says for which hosts it is not asked.
  const through = ({ origin, authorization }: NonNullable<ReturnType<typeof proxyFor>>) => {
    proxied ??= new ProxyAgent({ ...timeouts, uri: origin, ...(authorization ? { token: authorization } : {}) });
    return proxied;
  };
  return {
    for: (url: URL) => {
      const loopback = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
      const proxy = proxyFor({ loopback, url }, env);
      return proxy ? through(proxy) : direct;
    },
    close: async () => {
      await Promise.all([direct.destroy(), proxied?.destroy()]);
    },
  };
}

async function writeManifest(
  folder: string,
  pictures: readonly Picture[],
  results: ReadonlyMap<Picture, Result>,
): Promise<void> {
  const entries = pictures.map((picture) => {
    const result = results.get(picture);
    const { secretUrl, url, ...rest } = picture;
    const told = { ...rest, ...(url === undefined || secretUrl ? {} : { url }) };
    return result === undefined || result.kind === "missing"
      ? { ...told, problem: result?.reason }
      : { ...told, size: result.size, sha256: result.sha256 };
  });
  const temporary = join(folder, `.manifest.${process.pid}.part`);
  await rm(temporary, { force: true });
  const file = await open(temporary, "wx");
  try {
    await file.writeFile(`${JSON.stringify({ version: 1, pictures: entries }, undefined, 2)}\n`);
  } finally {
    await file.close();
  }
  await rename(temporary, join(folder, "manifest.json"));
}
