import type { ServiceOptions } from "./service";

/** Keys of the emulator when none are given: made up, worth nothing anywhere else. */
export const defaultSecretId = "emulator-secret-id";
export const defaultSecretKey = "emulator-secret-key-made-up-and-worth-nothing";

export interface EmulatorOptions {
  /** @default 0, any free port */
  port?: number;
  /** @default "emulator-secret-id" */
  secretId?: string;
  /** @default "emulator-secret-key-made-up-and-worth-nothing" */
  secretKey?: string;
  /** With it, every request must carry this session token; without, none may carry one. */
  token?: string;
  /** Tasks that run at once, the rest waiting. @default 1, as the service */
  concurrency?: number;
  /** How long a task runs, by the emulator's clock. @default 1 */
  taskSeconds?: number;
  /** CreateAigcImageTask requests a second. @default 20, as the service */
  submitsPerSecond?: number;
  /** Requests a second of each other action. @default 100, as the service */
  readsPerSecond?: number;
  /** Time moves only by `advance`. @default false */
  frozen?: boolean;
}

/** Fills in the defaults. Throws a `RangeError` that says what is allowed. */
export function completeOptions(options: EmulatorOptions): ServiceOptions & { port: number } {
  const { port = 0, secretId = defaultSecretId, secretKey = defaultSecretKey, token } = options;
  const { concurrency = 1, taskSeconds = 1, submitsPerSecond = 20, readsPerSecond = 100, frozen = false } = options;
  const mustBe = (name: string, holds: boolean, allowed: string): void => {
    if (!holds) throw new RangeError(`${name} must be ${allowed}`);
  };
  mustBe("port", Number.isInteger(port) && port >= 0 && port <= 65535, "an integer from 0 (any free port) to 65535");
  mustBe("concurrency", Number.isInteger(concurrency) && concurrency >= 1, "an integer from 1");
  mustBe("taskSeconds", Number.isFinite(taskSeconds) && taskSeconds >= 0, "a number of seconds, 0 or more");
  mustBe("submitsPerSecond", submitsPerSecond > 0, "a number above 0");
  mustBe("readsPerSecond", readsPerSecond > 0, "a number above 0");
  mustBe("secretId", /^[^/,\s]+$/.test(secretId), "a text without blanks, commas and slashes");
  mustBe("secretKey", secretKey !== "", "a text that is not empty");
  const account = { secretId, secretKey, ...(token === undefined ? {} : { token }) };
  return { port, account, concurrency, taskSeconds, submitsPerSecond, readsPerSecond, frozen };
}
