/** Entries of an INI file by section and key. Keys are in lower case; those before the first section are under "". */
export type IniSections = ReadonlyMap<string, ReadonlyMap<string, string>>;

/**
 * Reads INI as the vendor's SDKs do. They differ, so that what any of them reads is read: `=` and `:`, keys in any case,
 * quotes, comments on lines of their own, and what follows an unquoted `;` or `#`.
 */
export function parseIni(text: string): IniSections {
  const sections = new Map<string, Map<string, string>>();
  let entries = new Map<string, string>();
  sections.set("", entries);
  for (const line of text.split(/[\r\n]+/)) {
    const trimmed = line.trim();
    const header = /^\[\s*([^\]]*?)\s*\]/.exec(trimmed);
    if (header) {
      const name = header[1] ?? "";
      entries = sections.get(name) ?? new Map<string, string>();
      sections.set(name, entries);
      continue;
    }
    const entry = /^([^#;=:][^=:]*?)\s*[=:]\s*(.*)$/.exec(trimmed);
    if (entry) {
      entries.set((entry[1] ?? "").toLowerCase(), plainValue(entry[2] ?? ""));
    }
  }
  return sections;
}

/** The section of a name: spelt so, or else but for upper and lower case. */
export function sectionOf(sections: IniSections, name: string): ReadonlyMap<string, string> | undefined {
  const alike = [...sections.keys()].find((key) => key !== "" && key.toLowerCase() === name.toLowerCase());
  return sections.get(name) ?? (alike === undefined ? undefined : sections.get(alike));
}

function plainValue(text: string): string {
  const quoted = /^(["'])(.*?)\1\s*([;#].*)?$/.exec(text);
  return quoted ? (quoted[2] ?? "") : text.replace(/[;#].*$/, "").trim();
}
