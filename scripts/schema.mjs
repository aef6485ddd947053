// Writes plugin/schema.json, from which the CLI makes the SDKs of all languages.
import "./packagedNode.mjs";
import { writeFileSync } from "node:fs";

// Only now, for older Nodes read no TypeScript.
const { packageSchema, schemaFile } = await import("./schema/packageSchema.mts");
writeFileSync(schemaFile, `${JSON.stringify(packageSchema(), undefined, 2)}\n`);
console.log(`Wrote ${schemaFile}.`);
