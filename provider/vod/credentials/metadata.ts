import { TencentAigcError } from "../errors";
import { type Issued, type IssuingOptions, readIssued } from "./issued";
import { problem } from "./problems";

/** Where each machine of Tencent Cloud finds what concerns itself. It answers this machine alone, without a key. */
const realOrigin = "http://metadata.tencentyun.com";
const path = "/latest/meta-data/cam/security-credentials/";

const timeoutMs = 5_000;

/** The temporary keys of the role that this machine has. */
export async function machineKeys(roleName: string | undefined, options: IssuingOptions): Promise<Issued> {
  const origin = options.endpoint.loopback ? options.endpoint.url.origin : realOrigin;
  const name = roleName ?? (await get(`${origin}${path}`, options)).trim();
  if (!/^[\w+=,.@-]{1,128}$/.test(name)) throw noRole(roleName);
  const values = object(await get(`${origin}${path}${encodeURIComponent(name)}`, options, roleName));
  const issuedAt = options.serviceClock.now() ?? options.realNow();
  const issued = values?.["Code"] === "Success" ? readIssued(values, values["ExpiredTime"], issuedAt) : undefined;
  if (!issued) throw unanswered("no keys in its answer");
  return issued;
}

async function get(url: string, { serviceClock }: IssuingOptions, roleName?: string): Promise<string> {
  const { Agent, request } = await import("undici");
  // Never through a proxy: that would be asked about another machine.
  const dispatcher = new Agent({ connect: { timeout: timeoutMs } });
  let status: number;
  let text: string;
  try {
    const answer = await request(url, { dispatcher, signal: AbortSignal.timeout(timeoutMs) });
    status = answer.statusCode;
    const time = Date.parse(String(answer.headers["date"]));
    if (!Number.isNaN(time)) serviceClock.learn(time);
    text = await answer.body.text();
  } catch (error) {
    const { code, name } = error as { code?: unknown; name?: unknown };
    throw unanswered(String(code ?? name ?? "unknown cause"));
  } finally {
    await dispatcher.destroy();
  }
  if (status === 404) throw noRole(roleName);
  if (status !== 200) throw unanswered(`HTTP ${status}`);
  return text;
}

function noRole(roleName: string | undefined): TencentAigcError {
  const subject = roleName === undefined ? "the role of this machine" : `the role ${roleName} of this machine`;
  return problem(
    subject,
    "is not there: its metadata names none",
    "Bind a CAM role to the machine, or unset tencent-aigc:useCvmRole, tencent-aigc:camRoleName and TENCENTCLOUD_CAM_ROLE_NAME.",
  );
}

function unanswered(reason: string): TencentAigcError {
  return new TencentAigcError(
    `No temporary keys for the role of this machine: its metadata could not be read (${reason}). Nothing was sent to VOD or billed.`,
    {
      billed: "no",
      nextStep: "Run it on a machine of Tencent Cloud that has a role, or give credentials in another way.",
    },
  );
}

function object(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : undefined;
  } catch {
    return undefined;
  }
}
