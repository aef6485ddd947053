import type { Socket } from "node:net";

const start = "HTTP/1.x 1";
/** Where the version's minor digit is in it. */
const minorDigit = 7;

/**
 * Makes 100 Continue as harmless as it is: undici reads over every other informational answer, but takes a 100 for which
 * it did not ask for a broken connection. Where a head begins with status 100, it reads 103.
 */
export function readOverContinue<S extends Socket>(socket: S): S {
  const heads = new AnswerHeads();
  const read = socket.read.bind(socket);
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  return Object.assign(socket, {
    read(size?: number): unknown {
      const piece: unknown = read(size);
      if (piece instanceof Buffer) heads.rewrite(piece);
      return piece;
    },
    // One request at a time: what comes after one was written begins with a head.
    write(...args: unknown[]): boolean {
      heads.expect();
      return write(...args);
    },
  });
}

/** Knows, byte by byte, where an answer's head begins, until it comes to one that is not informational. */
class AnswerHeads {
  /** How much of a status line was read; undefined within what is not looked into. */
  private matched: number | undefined = 0;
  private status = "";
  /** What ends an informational head, as far as it was read: a line feed, and another with nothing but a return between. */
  private lineIsEmpty = false;
  private inHead = false;

  expect(): void {
    if (!this.inHead) this.restart();
  }

  rewrite(piece: Buffer): void {
    for (let at = 0; at < piece.length && (this.inHead || this.matched !== undefined); at++) {
      const character = String.fromCharCode(piece[at] ?? 0);
      if (this.inHead) this.passHead(character);
      else if (this.match(character)) piece.write("3", at, "latin1");
    }
  }

  /** Goes on with the status line; true at the last digit of a 100. */
  private match(character: string): boolean {
    const matched = this.matched ?? 0;
    if (matched < start.length) {
      const fits = matched === minorDigit ? /\d/.test(character) : character === start[matched];
      this.matched = fits ? matched + 1 : undefined;
      return false;
    }
    this.status += character;
    if (this.status.length < 2) return false;
    this.inHead = true;
    this.lineIsEmpty = false;
    return this.status === "00";
  }

  private passHead(character: string): void {
    if (character === "\n" && this.lineIsEmpty) this.restart();
    else if (character !== "\r") this.lineIsEmpty = character === "\n";
  }

  private restart(): void {
    this.matched = 0;
    this.status = "";
    this.inHead = false;
  }
}
