import { version } from "../../version";
import { type AnyAnswer, readAnyAnswer } from "../answer";
import { TencentAigcError } from "../errors";
import { isLastingReason, troubleOfCode } from "../retry";
import { scrub } from "../scrub";
import { authorization, contentType } from "../sign";
import { createTransport, type Timeouts } from "../transport";
import type { Credentials, Role, WebIdentity } from "./credentials";
import { type Issued, type IssuingOptions, readIssued } from "./issued";
import { problem } from "./problems";

/** What the vendor's clients send where no region is given; the service knows the same roles in all. */
const defaultRegion = "ap-guangzhou";

/** Asking again is harmless, and the update waits meanwhile: shorter than for VOD. */
const timeouts: Timeouts = { connectMs: 10_000, headersMs: 20_000, bodyMs: 10_000, totalMs: 30_000 };

/** Waits before what passes is tried again. */
const retryMs = [500, 1_000, 2_000];

/** Times that differ by less are not what made a signature expire; the service allows 5 minutes. */
const clockToleranceMs = 60_000;

/** STS has a code of its own for too many requests. */
function isPassing(code: string): boolean {
  return troubleOfCode(code) !== undefined || code === "InvalidParameter.OverLimit";
}

interface Call {
  readonly action: "AssumeRole" | "AssumeRoleWithWebIdentity";
  readonly request: { readonly RoleArn: string } & object;
  readonly region: string;
  /** What signs it; an identity token needs no signature. */
  readonly key: Credentials | undefined;
}

type Try = { readonly answer: AnyAnswer; readonly secrets: readonly string[]; readonly header: string };

/** The temporary keys of a role, for a key that may assume it. */
export function assumeRole(role: Role, key: Credentials, options: IssuingOptions): Promise<Issued> {
  const request = {
    RoleArn: role.arn,
    RoleSessionName: role.sessionName,
    DurationSeconds: role.durationSeconds,
    ...(role.externalId === undefined ? {} : { ExternalId: role.externalId }),
  };
  const region = options.env["TENCENTCLOUD_REGION"]?.trim() || defaultRegion;
  return new StsCall({ action: "AssumeRole", request, region, key }, options).send();
}

/** The temporary keys of a role, for an identity that another provider vouches for. */
export function assumeRoleWithWebIdentity(
  identity: WebIdentity,
  token: string,
  options: IssuingOptions,
): Promise<Issued> {
  const request = {
    ProviderId: identity.providerId,
    WebIdentityToken: token,
    RoleArn: identity.roleArn,
    RoleSessionName: identity.sessionName,
    DurationSeconds: identity.durationSeconds,
  };
  const region = identity.region ?? defaultRegion;
  return new StsCall({ action: "AssumeRoleWithWebIdentity", request, region, key: undefined }, options).send();
}

class StsCall {
  private signingOffsetMs: number;

  constructor(
    private readonly call: Call,
    private readonly options: IssuingOptions,
  ) {
    const now = options.realNow();
    const offset = (options.serviceClock.now() ?? now) - now;
    this.signingOffsetMs = Math.abs(offset) > clockToleranceMs ? offset : 0;
  }

  /**
   * Asks until there is an answer to go by.
   *
   * @throws ConfigurationError where the service refuses, a TencentAigcError where it cannot be asked at present
   */
  async send(): Promise<Issued> {
    const { clock, serviceClock, realNow } = this.options;
    for (let tries = 0; ; tries++) {
      const { answer, secrets, header } = await this.attempt();
      const serviceNow = serviceClock.now() ?? realNow();
      if (answer.kind === "success") return this.read(answer.response, serviceNow);
      const waitMs = retryMs[tries];
      if (answer.kind === "refusal") {
        const isExpired = answer.code === "AuthFailure.SignatureExpire";
        const differs = Math.abs(serviceNow - realNow() - this.signingOffsetMs) > clockToleranceMs;
        if (isExpired && differs && waitMs !== undefined) {
          this.signingOffsetMs = serviceNow - realNow();
          continue;
        }
        if (!isPassing(answer.code)) throw this.refused(answer, secrets, header);
      }
      if (waitMs === undefined || (answer.kind === "unusable" && isLastingReason(answer.reason))) {
        throw this.unanswered(answer.kind === "refusal" ? answer.code : answer.reason);
      }
      await clock.sleep(waitMs);
    }
  }

  private async attempt(): Promise<Try> {
    const { stsEndpoint: endpoint, env, realNow, serviceClock } = this.options;
    const { action, request, region, key } = this.call;
    const body = Buffer.from(JSON.stringify(request));
    const timestamp = Math.floor((realNow() + this.signingOffsetMs) / 1000);
    const header = key
      ? authorization(key, { hostname: endpoint.url.hostname, body, timestamp, service: "sts" })
      : "SKIP";
    const headers: Record<string, string> = {
      authorization: header,
      "content-type": contentType,
      "accept-encoding": "identity",
      "x-tc-action": action,
      "x-tc-version": "2018-08-13",
      "x-tc-timestamp": String(timestamp),
      "x-tc-region": region,
      "x-tc-language": "en-US",
      "x-tc-requestclient": `pulumi-tencent-aigc/${version}`,
      ...(key?.token ? { "x-tc-token": key.token } : {}),
    };
    const transport = createTransport({ endpoint, env, timeouts });
    try {
      const outcome = await transport.post(headers, body);
      const secrets = key ? [key.secretId, key.secretKey, key.token ?? ""] : [];
      if (outcome.kind !== "answered") {
        return { answer: { kind: "unusable", reason: outcome.reason, requestId: undefined }, secrets, header };
      }
      const answer = readAnyAnswer(outcome);
      const time = typeof outcome.headers["date"] === "string" ? Date.parse(outcome.headers["date"]) : Number.NaN;
      if (answer.kind !== "unusable" && !Number.isNaN(time)) serviceClock.learn(time);
      return { answer, secrets, header };
    } finally {
      await transport.close();
    }
  }

  private read(response: Record<string, unknown>, issuedAt: number): Issued {
    const values = response["Credentials"];
    const issued =
      typeof values === "object" && values !== null ? readIssued(values, response["ExpiredTime"], issuedAt) : undefined;
    if (!issued) throw this.unanswered("an answer without keys");
    return issued;
  }

  private refused(answer: AnyAnswer & { kind: "refusal" }, secrets: readonly string[], header: string) {
    const { action, request } = this.call;
    const words = scrub(answer.message, { ...request, RoleArn: "" }, secrets, header);
    const said = words === "" ? answer.code : `${answer.code}: ${words}`;
    return problem(
      `The role ${request.RoleArn}`,
      `could not be assumed: ${this.options.stsEndpoint.host} refused ${action} (${said.replace(/\.$/, "")})`,
      action === "AssumeRole"
        ? "Check the role's name, that it trusts this account, and that the key may call sts:AssumeRole."
        : "Check the role's name, that it trusts the identity provider by the name given, and that the token is a fresh one.",
    );
  }

  private unanswered(reason: string): TencentAigcError {
    const { action, request } = this.call;
    return new TencentAigcError(
      `No temporary keys for the role ${request.RoleArn}: ${this.options.stsEndpoint.host} gave no usable answer to ${action} ` +
        `(${reason}). Nothing was sent to VOD or billed.`,
      { billed: "no", nextStep: "Run the command again once it answers." },
    );
  }
}
