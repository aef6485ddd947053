/** Shows how an update goes. Texts hold no input text and no secret. Settles once they have it. */
export interface Progress {
  /** A passing text in a resource's own row. */
  row(urn: string | undefined, text: string): Promise<void>;
  /** A passing text in the row of the stack of a resource. */
  stackRow(urn: string | undefined, text: string): Promise<void>;
  /** A line that stays, about the stack of a resource. */
  stackNote(urn: string, text: string): Promise<void>;
  /** A line that stays. */
  note(text: string, urn?: string): Promise<void>;
  warn(text: string, urn?: string): Promise<void>;
}
