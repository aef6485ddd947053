import { join } from "node:path";
import { npm, repository } from "./workshop";

export interface Tarball {
  readonly path: string;
  /** Paths inside the package, sorted. */
  readonly files: readonly string[];
}

/** Packs the package as it would be published, from the build that is there. */
export async function packInto(folder: string): Promise<Tarball> {
  // Its scripts would build anew, under the feet of tests that use the build.
  const said = await npm(repository, "pack", "--ignore-scripts", "--json", "--pack-destination", folder);
  const [packed] = JSON.parse(said) as [{ filename: string; files: { path: string }[] }];
  return { path: join(folder, packed.filename), files: packed.files.map(({ path }) => path).sort() };
}
