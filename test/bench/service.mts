import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { EmulatorOptions, Ledger } from "pulumi-tencent-aigc/emulator";

/** An emulator in a process of its own. */
export interface Service {
  readonly url: string;
  readonly secretId: string;
  readonly secretKey: string;
  asked(): Promise<Asked>;
}

/** What was asked of it. */
export interface Asked {
  readonly requests: number;
  readonly submits: number;
  readonly billedImages: number;
  /** When the first submit came (ms since the epoch). */
  readonly firstSubmitAt: number;
}

/** Without limits, unless they are what is measured. */
const unlimited = { concurrency: 100_000, taskSeconds: 0, submitsPerSecond: 1e9, readsPerSecond: 1e9 };

export async function withService<T>(options: EmulatorOptions, use: (service: Service) => Promise<T>): Promise<T> {
  const script = join(import.meta.dirname, "emulator.mts");
  const child = fork(script, [JSON.stringify({ ...unlimited, ...options })], { stdio: "inherit" });
  const [address] = (await once(child, "message")) as [Pick<Service, "url" | "secretId" | "secretKey">];
  try {
    return await use({
      ...address,
      async asked() {
        child.send("ledger");
        const [ledger] = (await once(child, "message")) as [Ledger & { firstSubmitAt?: number }];
        const { requests, billedImages, firstSubmitAt = Number.NaN } = ledger;
        const all = Object.values(requests).reduce((sum, count) => sum + count, 0);
        return { requests: all, submits: requests["CreateAigcImageTask"] ?? 0, billedImages, firstSubmitAt };
      },
    });
  } finally {
    child.disconnect();
  }
}

/** What a program and a provider need to reach it. */
export function environmentOf({ url, secretId, secretKey }: Service): Record<string, string> {
  return {
    TENCENT_AIGC_ENDPOINT: url,
    TENCENTCLOUD_SECRET_ID: secretId,
    TENCENTCLOUD_SECRET_KEY: secretKey,
  };
}
