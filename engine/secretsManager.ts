import { createCipheriv, createDecipheriv, pbkdf2Sync, randomBytes } from "node:crypto";
import type { PropertyValue } from "./values";

const iterations = 1_000_000;
const keyBytes = 32;
const keys = new Map<string, Buffer>();

/** What a deployment says about how its secrets are kept, in Pulumi's own form. */
export interface SecretsProvider {
  type: "passphrase";
  state: { salt: string };
}

/**
 * Encrypts secrets with a passphrase, as Pulumi's own passphrase provider does (PBKDF2, AES-256-GCM), so that the Pulumi
 * CLI can import an exported deployment under the same passphrase.
 */
export class SecretsManager {
  private readonly written = new WeakMap<object, string>();

  private constructor(
    private readonly passphrase: string,
    private readonly salt: Buffer,
    readonly provider: SecretsProvider,
  ) {}

  static create(passphrase: string): SecretsManager {
    const salt = randomBytes(8);
    const check = encrypt("pulumi", keyOf(passphrase, salt));
    const state = { salt: `v1:${salt.toString("base64")}:${check}` };
    return new SecretsManager(passphrase, salt, { type: "passphrase", state });
  }

  /** @throws when the passphrase is not the one the state was made with */
  static open(passphrase: string, provider: SecretsProvider): SecretsManager {
    const [version, salt, ...check] = provider.state.salt.split(":");
    if (provider.type !== "passphrase" || version !== "v1" || salt === undefined) {
      throw new Error(
        `secrets kept by "${provider.type}" cannot be read here: only the passphrase provider is known. Export the stack with \`pulumi stack export --show-secrets\``,
      );
    }
    const manager = new SecretsManager(passphrase, Buffer.from(salt, "base64"), provider);
    try {
      if (manager.decryptText(check.join(":")) === "pulumi") return manager;
    } catch {
      // Reported below: a wrong key and a damaged text cannot be told apart.
    }
    throw new Error("incorrect passphrase: set secretsPassphrase to the one this stack was created with");
  }

  /** `secret` is the wrapper object: one that was read or written before keeps its ciphertext. */
  encrypt(secret: { value: PropertyValue }): string {
    const known = this.written.get(secret);
    if (known !== undefined) return known;
    const ciphertext = this.encryptText(JSON.stringify(secret.value));
    this.written.set(secret, ciphertext);
    return ciphertext;
  }

  decrypt(ciphertext: string): PropertyValue {
    return JSON.parse(this.decryptText(ciphertext)) as PropertyValue;
  }

  remember(secret: object, ciphertext: string): void {
    this.written.set(secret, ciphertext);
  }

  encryptText(text: string): string {
    return encrypt(text, keyOf(this.passphrase, this.salt));
  }

  decryptText(ciphertext: string): string {
    const [version, nonce, body] = ciphertext.split(":");
    if (version !== "v1" || nonce === undefined || body === undefined) throw new Error("not a ciphertext");
    const bytes = Buffer.from(body, "base64");
    const key = keyOf(this.passphrase, this.salt);
    const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
    decipher.setAuthTag(bytes.subarray(-16));
    return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString("utf8");
  }
}

function encrypt(text: string, key: Buffer): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `v1:${nonce.toString("base64")}:${body.toString("base64")}`;
}

/** Derived once per process: the derivation is slow on purpose. */
function keyOf(passphrase: string, salt: Buffer): Buffer {
  const name = `${salt.toString("base64")}:${passphrase}`;
  const known = keys.get(name);
  if (known) return known;
  const key = pbkdf2Sync(passphrase, salt, iterations, keyBytes, "sha256");
  keys.set(name, key);
  return key;
}
