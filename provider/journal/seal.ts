import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

/**
 * An explicit SessionId is a user's own text, perhaps a secret one, and is needed again to repeat a request. It is
 * written so that only who knows the generation id can read it: the journal's names hold no more than a hash of that.
 */
const algorithm = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;

const keyOf = (generationId: string) => createHash("sha256").update(`sealed SessionId\n${generationId}`).digest();

export function seal(text: string, generationId: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, keyOf(generationId), nonce);
  const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64");
}

/** @returns undefined for what was sealed under another generation id, or was damaged */
export function unseal(sealed: string, generationId: string): string | undefined {
  const bytes = Buffer.from(sealed, "base64");
  if (bytes.length < nonceBytes + tagBytes) return undefined;
  const decipher = createDecipheriv(algorithm, keyOf(generationId), bytes.subarray(0, nonceBytes));
  decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
  try {
    return decipher.update(bytes.subarray(nonceBytes + tagBytes), undefined, "utf8") + decipher.final("utf8");
  } catch {
    // The tag does not fit: that is the answer.
    return undefined;
  }
}
