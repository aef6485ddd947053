/** The name that was probably meant: the one with the fewest edits, letter case aside, if there is a near one at all. */
export function nearest(written: string, names: readonly string[]): string | undefined {
  const wanted = written.toLowerCase();
  let best: { name: string; edits: number } | undefined;
  for (const name of names) {
    // Two letters changed places are two edits.
    const allowed = name.length < 4 ? 1 : Math.max(2, Math.floor(name.length / 3));
    if (Math.abs(name.length - wanted.length) > allowed) {
      continue;
    }
    const edits = editDistance(wanted, name.toLowerCase());
    if (edits <= allowed && (best === undefined || edits < best.edits)) {
      best = { name, edits };
    }
  }
  return best?.name;
}

/** Levenshtein distance, row by row. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
