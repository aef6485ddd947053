import { mkdir, realpath } from "node:fs/promises";
import { parseArgs } from "node:util";
import { type Command, UsageError } from "../command";
import { readStackExport } from "../stackExport";
import { Dispatchers } from "./dispatchers";
import { download, kept, type Result } from "./download";
import { Manifest } from "./manifest";
import { Parts } from "./parts";
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
  help,
  async run(args, { env, stdin, stderr }) {
    const options = readOptions(args);
    const pictures = picturesOf(await readStackExport(options.source, { env, stdin }));
    const dispatchers = new Dispatchers(env);
    const routeTo = dispatchers.routeTo.bind(dispatchers);
    for (const { url = "" } of pictures) if (URL.canParse(url)) routeTo(new URL(url));
    await mkdir(options.out, { recursive: true });
    const folder = await realpath(options.out);
    const parts = await Parts.open(folder);
    const manifest = await Manifest.open(folder, parts, pictures);
    let done = 0;
    const tell = (picture: Picture, result: Result) => {
      manifest.add(picture, result);
      done += 1;
      const told = result.kind === "missing" ? `missing: ${result.reason}` : result.kind;
      // Without a terminal, only what needs something done.
      if (result.kind === "missing" || ("isTTY" in stderr && stderr.isTTY)) {
        stderr.write(`${done}/${pictures.length} ${picture.file} ${told}\n`);
      }
    };
    try {
      const toFetch: Picture[] = [];
      // First of all what is there: the manifest is to tell of it, whenever this ends.
      await atOnce(options.concurrency, pictures, async (picture) => {
        const there = await kept(picture, folder, manifest.former(picture));
        if (there) tell(picture, there);
        else toFetch.push(picture);
      });
      const { concurrency, maxBytes } = options;
      await atOnce(concurrency, toFetch, async (picture) => {
        tell(picture, await download(picture, { folder, parts, maxBytes, routeTo }));
      });
    } finally {
      await dispatchers.close();
      await manifest.finish();
      await parts.close();
    }
    const missing = manifest.count("missing");
    stderr.write(
      `${manifest.count("fetched")} fetched, ${manifest.count("kept")} already there, ${missing} missing.\n`,
    );
    return missing > 0 ? 1 : 0;
  },
};

/** Does something for all, a number of them at a time. */
async function atOnce<T>(most: number, all: readonly T[], what: (one: T) => Promise<void>): Promise<void> {
  const waiting = all.values();
  const work = async () => {
    for (const one of waiting) await what(one);
  };
  await Promise.all(Array.from({ length: most }, work));
}

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
