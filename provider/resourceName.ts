/** The name of a resource, by its URN. It may have `::` in it itself. */
export function nameIn(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
