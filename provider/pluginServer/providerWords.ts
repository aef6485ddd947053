import type { EngineLink } from "../engineLink";
import { nameIn } from "../resourceName";

/** A message in the words of where its settings are. */
export type Words = (text: string) => string;

/**
 * Messages name settings as the stack's config has them. An explicit provider takes none of that config: what is to be
 * changed is a property of the provider, in the program.
 *
 * @param urn of the provider, as the engine tells it
 */
export function wordsFor(urn: string): Words {
  const name = nameIn(urn);
  // So the engine names those that no program has declared.
  if (name === "" || name === "default" || name.startsWith("default_")) return (text) => text;
  const provider = `the provider \`${name}\``;
  return (text) =>
    text
      .replace(setCommand, (_, key, row, value) => `${assignment(key, row, value)} on ${provider}`)
      .replace(forTheStack, "")
      .replace(settingName, (_, key, row) => `\`${key}${row ?? ""}\` of ${provider}`)
      .replace(/the stack's config(?:uration)?\b|(?<=\()stack config\b/g, () => provider);
}

/** With what is there only because it is a command. */
const setCommand =
  /`pulumi config set (?:--\w+ )*'?tencent-aigc:(\w+)(?:\["([^"]*)"\])?'?(?: ([^`]*))?`(?:, or in quotes in the stack's file)?/g;
const forTheStack = / for the (?:whole )?stack(?=[ ,])/g;
const settingName = /(?:`pulumi config rm )?`?\btencent-aigc:(\w+)(\["[^"]*"\])?`?/g;

function assignment(key: string, row: string | undefined, value = "…"): string {
  if (value === "…") return `\`${key}\``;
  return row === undefined ? `\`${key}: ${value}\`` : `\`${key}: { "${row}": ${value} }\``;
}

/** The same way to the engine, in other words. */
export function toldIn(words: Words, engine: EngineLink): EngineLink {
  return {
    ...engine,
    row: (urn, text) => engine.row(urn, words(text)),
    stackRow: (urn, text) => engine.stackRow(urn, words(text)),
    stackNote: (urn, text) => engine.stackNote(urn, words(text)),
    note: (text, urn) => engine.note(words(text), urn),
    warn: (text, urn) => engine.warn(words(text), urn),
  };
}
