import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { create } from "tar";
import { noticesOf } from "./notices.mts";

const root = join(import.meta.dirname, "..", "..");
const command = "pulumi-resource-tencent-aigc";

const bundledSdk = join(root, "provider", "bundledSdk.ts");

/** Where `npm run bundle` writes. */
export const releaseFolder: string = join(root, "release");

/** What the CLI calls the platforms of a release: on each of them Node runs the same file. */
const platforms = ["darwin-amd64", "darwin-arm64", "linux-amd64", "linux-arm64", "windows-amd64", "windows-arm64"];

/** Started in its own folder, wherever the CLI is. */
const windowsCommand = `@node "%~dp0${command}" %*\r\n`;

export interface Release {
  /** The whole plugin in one file, which a Node of `engines` runs. */
  readonly bundle: { readonly path: string; readonly bytes: number };
  /** What `pulumi plugin install` takes, one a platform, with the names by which it downloads them. */
  readonly tarballs: readonly { readonly path: string; readonly bytes: number }[];
}

/** Writes the plugin as one file, and the archives of a release, into a folder that is emptied before. */
export async function bundle(folder: string): Promise<Release> {
  rmSync(folder, { recursive: true, force: true });
  const contents = join(folder, "contents");
  mkdirSync(contents, { recursive: true });
  const { code, modules } = await bundledCode();
  const path = join(contents, command);
  writeFileSync(path, code);
  chmodSync(path, 0o755);
  writeFileSync(`${path}.cmd`, windowsCommand);
  writeFileSync(join(contents, "LICENSE"), readFileSync(join(root, "LICENSE")));
  writeFileSync(join(contents, "THIRD-PARTY-NOTICES"), noticesOf(modules));
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const archive = await archiveOf(contents);
  const tarballs = platforms.map((platform) => {
    const tarball = join(folder, `${command}-v${version}-${platform}.tar.gz`);
    writeFileSync(tarball, archive);
    return { path: tarball, bytes: archive.length };
  });
  return { bundle: { path, bytes: statSync(path).size }, tarballs };
}

async function bundledCode(): Promise<{ code: string; modules: readonly string[] }> {
  const build = await rolldown({
    input: join(root, "provider", "pluginServer", "main.ts"),
    platform: "node",
    // In a bundle nothing can be looked up: it carries the SDK itself.
    plugins: [
      { name: "carries the SDK", resolveId: (specifier) => (/\/pulumiSdk$/.test(specifier) ? bundledSdk : undefined) },
    ],
  });
  try {
    // Lines and names stay, so that an error can be read. The first line, which makes it executable, is the source's own.
    const minify = {
      compress: true,
      mangle: { keepNames: true },
      codegen: { removeWhitespace: false, legalComments: "none" },
    } as const;
    const { output } = await build.generate({ format: "cjs", codeSplitting: false, minify });
    const [chunk, ...others] = output;
    if (chunk === undefined || others.length > 0) throw new Error("The bundle is not one file.");
    return { code: chunk.code, modules: chunk.moduleIds };
  } finally {
    await build.close();
  }
}

/** The same bytes for the same contents, on any day and machine. */
async function archiveOf(contents: string): Promise<Buffer> {
  const files = [command, `${command}.cmd`, "LICENSE", "THIRD-PARTY-NOTICES"];
  const parts: Buffer[] = [];
  const stream = create({ cwd: contents, gzip: { level: 9 }, portable: true, mtime: new Date(0) }, files);
  for await (const part of stream) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}
