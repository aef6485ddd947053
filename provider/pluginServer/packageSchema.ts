import schema from "../../plugin/schema.json";

/** The package's schema, as code generators ask for it. */
export function packageSchema(): string {
  return JSON.stringify(schema);
}
