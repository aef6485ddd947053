import { join } from "node:path";
import { npm, run, write } from "./run.mts";

export interface Node {
  readonly path: string;
  readonly version: string;
}

/** A Node from the registry: the package `node` only chooses that of the platform. */
export async function nodeOf(wanted: string, folder: string): Promise<Node> {
  const windows = process.platform === "win32";
  const platform = windows ? "win" : process.platform;
  const name = `${platform === "darwin" && process.arch === "arm64" ? "node-bin" : "node"}-${platform}-${process.arch}`;
  const exact = /^\d+\.\d+\.\d+$/.test(wanted) ? wanted : await newest(wanted, folder);
  write(folder, { "package.json": { private: true } });
  await npm(folder, "install", "--ignore-scripts", `${name}@${exact}`);
  const path = join(folder, "node_modules", name, "bin", windows ? "node.exe" : "node");
  return { path, version: (await run(path, ["--version"], { cwd: folder })).trim() };
}

/** The newest version of a range or a tag. */
async function newest(wanted: string, folder: string): Promise<string> {
  write(folder, { "package.json": { private: true } });
  const versions: string | string[] = JSON.parse(await npm(folder, "view", `node@${wanted}`, "version", "--json"));
  const byNumber = new Intl.Collator("en", { numeric: true }).compare;
  return [versions].flat().sort(byNumber).at(-1) ?? wanted;
}
