import type { SecretsManager, SecretsProvider } from "./secretsManager";
import { readIfPresent, writeAtomically } from "./stateStore";
import { dynamicPackage } from "./urn";
import { makeSecret, type PropertyMap } from "./values";

/** As in the Automation API. */
export interface ConfigValue {
  value: string;
  secret?: boolean;
}

export type ConfigMap = Record<string, ConfigValue>;

interface StoredConfig {
  secretsProvider?: SecretsProvider;
  config: Record<string, string | { secure: string }>;
}

/** A stack's configuration, kept beside its state; secrets only as ciphertext. */
export class StackConfig {
  constructor(
    private readonly path: string,
    private readonly project: string,
    private readonly secrets: () => SecretsManager,
  ) {}

  /** The way secrets of this stack are kept, once there is one. */
  get secretsProvider(): SecretsProvider | undefined {
    return this.read().secretsProvider;
  }

  keepSecretsProvider(secretsProvider: SecretsProvider): void {
    this.write({ ...this.read(), secretsProvider });
  }

  getAll(): ConfigMap {
    return Object.fromEntries(
      Object.entries(this.read().config).map(([key, stored]): [string, ConfigValue] => [
        key,
        typeof stored === "string"
          ? { value: stored, secret: false }
          : { value: this.secrets().decryptText(stored.secure), secret: true },
      ]),
    );
  }

  setAll(values: ConfigMap): void {
    const sealed = Object.entries(values).map(([key, { value, secret }]) => [
      this.qualified(key),
      secret ? { secure: this.secrets().encryptText(value) } : value,
    ]);
    const stored = this.read();
    this.write({ ...stored, config: { ...stored.config, ...Object.fromEntries(sealed) } });
  }

  private qualified(key: string): string {
    return key.includes(":") ? key : `${this.project}:${key}`;
  }

  private read(): StoredConfig {
    const text = readIfPresent(this.path);
    return text ? (JSON.parse(text) as StoredConfig) : { config: {} };
  }

  private write(stored: StoredConfig): void {
    writeAtomically(this.path, `${JSON.stringify(stored, undefined, 2)}\n`);
  }
}

/**
 * The configuration of a package's default provider: for dynamic providers all of it, by its full keys; for others that
 * of their own namespace.
 */
export function providerInputs(packageName: string, config: ConfigMap): PropertyMap {
  const prefix = packageName === dynamicPackage ? "" : `${packageName}:`;
  return Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, { value, secret }]) => [key.slice(prefix.length), secret ? makeSecret(value) : value]),
  );
}
