import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { manifest, repository } from "./workshop";

/** All that comes with the package, @pulumi/pulumi aside, which a program has already. */
const productionTree = ["@hono/node-server", "hono", "undici", "zod"];

interface LockedPackage {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
  hasInstallScript?: boolean;
}

const lock = JSON.parse(readFileSync(join(repository, "package-lock.json"), "utf8")) as {
  packages: Record<string, LockedPackage>;
};

/** Where a package finds a dependency: beside itself, or beside one of those it lies in. */
function locate(from: string, name: string): string {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    const path = folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (lock.packages[path]) return path;
    if (folder === "") throw new Error(`package-lock.json has no ${name} for ${from}`);
  }
}

function installedWith(path: string): string[] {
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {}, ...rest } = lock.packages[path] ?? {};
  const peers = Object.keys(peerDependencies).filter((name) => !rest.peerDependenciesMeta?.[name]?.optional);
  return [...Object.keys(dependencies), ...Object.keys(optionalDependencies), ...peers].map((name) =>
    locate(path, name),
  );
}

function productionPackages(): string[] {
  const found = new Set(Object.keys(manifest.dependencies).map((name) => locate("", name)));
  for (const path of found) for (const dependency of installedWith(path)) found.add(dependency);
  return [...found];
}

test("the production tree has at most 12 packages, each of them known by name", () => {
  const names = productionPackages().map((path) => path.replace(/^.*node_modules\//, ""));
  expect(names.sort()).toEqual(productionTree);
  expect(names.length).toBeLessThanOrEqual(12);
});

test("no production package runs a script when it is installed", () => {
  expect(productionPackages().filter((path) => lock.packages[path]?.hasInstallScript)).toEqual([]);
});

test("the build names no package that package.json does not", () => {
  const build = join(repository, "dist");
  const code = readdirSync(build, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".js"));
  const named = code.flatMap((file) =>
    [...readFileSync(join(build, file), "utf8").matchAll(/\b(?:require|import)\("([^"]+)"\)/g)].map(
      ([, specifier]) => specifier as string,
    ),
  );
  const packages = named
    .filter((specifier) => !/^(\.|node:)/.test(specifier))
    .map((specifier) => (/^(@[^/]+\/)?[^/]+/.exec(specifier) as RegExpExecArray)[0]);
  const declared = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)];
  expect([...new Set(packages)].sort()).toEqual(declared.sort());
});

test("@pulumi/pulumi is the program's own, never a second copy", () => {
  expect(Object.keys(manifest.peerDependencies)).toEqual(["@pulumi/pulumi"]);
  expect(manifest.dependencies).not.toHaveProperty("@pulumi/pulumi");
});
