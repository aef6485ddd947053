// Writes the plugin as one file, and the archives that a release has for `pulumi plugin install`.
import "./packagedNode.mjs";
import { relative } from "node:path";

// Only now, for older Nodes read no TypeScript.
const { bundle, releaseFolder } = await import("./bundle/bundle.mts");
const { bundle: file, tarballs } = await bundle(releaseFolder);
for (const { path, bytes } of [file, ...tarballs])
  console.log(`${relative(process.cwd(), path)} ${(bytes / 1000).toFixed(0)} kB`);
