import { createSecureContext } from "node:tls";
import type { Key } from "./authentication";
import { defaultRole, type Role } from "./roles";
import type { Tls } from "./server";
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
  /** More keys of the same account. */
  keys?: readonly Key[];
  /** Tasks that run at once, the rest waiting. @default 1, as the service */
  concurrency?: number;
  /** How long a task runs, by the emulator's clock. @default 1 */
  taskSeconds?: number;
  /** CreateAigcImageTask requests a second. @default 20, as the service */
  submitsPerSecond?: number;
  /** Images that an application may bill before it is refused (LimitExceeded.Quota). @default no quota is set */
  imageQuota?: number;
  /** Requests a second of each other action. @default 100, as the service */
  readsPerSecond?: number;
  /** Time moves only by `advance`. @default false */
  frozen?: boolean;
  /** How far the service's clock is ahead of the machine's; behind it where negative. At most ten years. @default 0 */
  clockOffsetSeconds?: number;
  /**
   * Folder that keeps tasks, files and time for a later start, one emulator at a time; made where it does not exist. With
   * the same `port` the URLs of pictures stay good.
   * @default nothing is kept
   */
  directory?: string;
  /** Roles of the account. @default one, `qcs::cam::uin/100000000001:roleName/emulator`, for provider `OIDC` */
  roles?: readonly Role[];
  /** Name of the role that the machine has, for its metadata. @default it has none */
  machineRole?: string;
  /**
   * Certificate for `localhost` and `127.0.0.1`, in PEM: the emulator then speaks https, and only that. For clients that
   * know no other scheme; they must trust it.
   * @default plain http
   */
  tlsCert?: string;
  /** Key of `tlsCert`, in PEM. */
  tlsKey?: string;
}

const tenYears = 10 * 366 * 86_400;

/** Fills in the defaults. Throws a `RangeError` that says what is allowed. */
export function completeOptions(options: EmulatorOptions): ServiceOptions & { port: number; tls: Tls | undefined } {
  const { port = 0, secretId = defaultSecretId, secretKey = defaultSecretKey, token, keys: more = [] } = options;
  const { concurrency = 1, taskSeconds = 1, submitsPerSecond = 20, readsPerSecond = 100 } = options;
  const { frozen = false, clockOffsetSeconds = 0, directory, imageQuota } = options;
  const { roles = [defaultRole], machineRole } = options;
  const mustBe = (name: string, holds: boolean, allowed: string): void => {
    if (!holds) throw new RangeError(`${name} must be ${allowed}`);
  };
  mustBe("port", Number.isInteger(port) && port >= 0 && port <= 65535, "an integer from 0 (any free port) to 65535");
  mustBe("concurrency", Number.isInteger(concurrency) && concurrency >= 1, "an integer from 1");
  mustBe(
    "taskSeconds",
    taskSeconds >= 0 && taskSeconds <= tenYears,
    "a number of seconds, 0 or more, within ten years",
  );
  mustBe("clockOffsetSeconds", Math.abs(clockOffsetSeconds) <= tenYears, "a number of seconds within ten years");
  mustBe("submitsPerSecond", submitsPerSecond > 0, "a number above 0");
  mustBe("readsPerSecond", readsPerSecond > 0, "a number above 0");
  const keys = [{ secretId, secretKey, ...(token === undefined ? {} : { token }) }, ...more];
  mustBe("secretId", keys.every(isId), "a text without blanks, commas and slashes");
  mustBe("secretId", new Set(keys.map((key) => key.secretId)).size === keys.length, "another one for each key");
  mustBe(
    "secretKey",
    keys.every((key) => key.secretKey !== ""),
    "a text that is not empty",
  );
  mustBe(
    "imageQuota",
    imageQuota === undefined || (Number.isInteger(imageQuota) && imageQuota >= 0),
    "an integer from 0",
  );
  mustBe("directory", directory !== "", "the path of a folder");
  const rates = { concurrency, taskSeconds, submitsPerSecond, readsPerSecond };
  const tls = tlsOf(options.tlsCert, options.tlsKey);
  return { port, tls, keys, ...rates, frozen, clockOffsetSeconds, directory, roles, machineRole, imageQuota };
}

function isId({ secretId }: Key): boolean {
  return /^[^/,\s]+$/.test(secretId);
}

function tlsOf(cert: string | undefined, key: string | undefined): Tls | undefined {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined) throw new RangeError("tlsCert must be given where tlsKey is");
  if (key === undefined) throw new RangeError("tlsKey must be given where tlsCert is");
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    // OpenSSL's reason is a few words, such as "key values mismatch", and holds nothing of the key.
    throw new RangeError(`tlsCert must be a certificate in PEM, and tlsKey its key: ${(error as Error).message}`);
  }
  return { cert, key };
}
