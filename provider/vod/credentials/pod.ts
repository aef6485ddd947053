import { type CredentialSources, given, type Lookup } from "./credentials";
import { problem } from "./problems";
import { defaultDurationSeconds, defaultSessionName, readArn } from "./role";

const variables = ["TKE_REGION", "TKE_PROVIDER_ID", "TKE_WEB_IDENTITY_TOKEN_FILE", "TKE_ROLE_ARN"] as const;

/** The identity of a pod's service account in TKE: only where the stack's config asks for it. */
export function podIdentity({ configured, env }: CredentialSources): Lookup {
  const [region, providerId, file, roleArn] = variables.map((name) => given(env[name]));
  if (!configured.enablePodOidc) {
    return region && providerId && file && roleArn
      ? {
          nothing:
            "the TKE_* variables of this pod are used only with `pulumi config set tencent-aigc:enablePodOidc true`",
        }
      : {};
  }
  if (!region || !providerId || !file || !roleArn) {
    const missing = variables.filter((name) => !given(env[name]));
    throw problem(
      "tencent-aigc:enablePodOidc",
      `is true, but the environment does not give ${missing.join(", ")}`,
      "Set serviceAccountName for the pod, or unset tencent-aigc:enablePodOidc.",
    );
  }
  const identity = {
    roleArn: readArn(roleArn, "TKE_ROLE_ARN"),
    sessionName: defaultSessionName,
    durationSeconds: defaultDurationSeconds,
    providerId,
    region,
    token: { file, named: "TKE_WEB_IDENTITY_TOKEN_FILE" },
  };
  return { base: { kind: "webIdentity", identity }, source: "pod", where: "the TKE_* variables of this pod" };
}
