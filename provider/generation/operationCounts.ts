/** What is counted of one operation. */
export type CountEntry =
  /** What a resource may bill. */
  | { readonly kind: "announce"; readonly generation: string; readonly images: number; readonly line: object }
  /** What is about to be sent, unless it would be more than `most` in all. */
  | { readonly kind: "spend"; readonly images: number; readonly most: number }
  | { readonly kind: "giveBack"; readonly images: number };

export interface Counted {
  /** Images that the operation may bill, as far as it was told. */
  readonly announced: number;
  /** Images that were sent for. */
  readonly spent: number;
  /** It would have been too much, and is not counted. */
  readonly refused: boolean;
}

export interface Announced {
  readonly images: number;
  /** What the bill says, one line a generation. */
  readonly lines: readonly object[];
}

/** Keeps the counts of an operation, in one order for all who count. */
export interface CountsKeeper {
  /** Counts, and returns the counts right after it. */
  add(entry: CountEntry): Counted;
  /** What was announced until now. */
  announced(): Announced;
}

/** Counts of one process, or what one process knows of the counts of all. */
export class MemoryCounts implements CountsKeeper {
  private readonly generations = new Map<string, { images: number; line: object }>();
  private images = 0;
  private spent = 0;

  add(entry: CountEntry): Counted {
    const { images } = entry;
    const refused = entry.kind === "spend" && this.spent + images > entry.most;
    if (entry.kind === "announce") {
      const { generation, line } = entry;
      this.images += images - (this.generations.get(generation)?.images ?? 0);
      this.generations.set(generation, { images, line });
    } else if (!refused) {
      this.spent += entry.kind === "spend" ? images : -images;
    }
    return { announced: this.images, spent: this.spent, refused };
  }

  announced(): Announced {
    return { images: this.images, lines: [...this.generations.values()].map(({ line }) => line) };
  }

  clear(): void {
    this.generations.clear();
    this.images = 0;
    this.spent = 0;
  }
}
