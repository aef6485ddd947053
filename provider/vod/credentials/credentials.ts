/** What signs a request. `token` comes with temporary keys only. */
export interface Credentials {
  readonly secretId: string;
  readonly secretKey: string;
  readonly token?: string;
}

export function areSame(one: Credentials, other: Credentials): boolean {
  return one.secretId === other.secretId && one.secretKey === other.secretKey && one.token === other.token;
}

/** Parts of credentials as one source gives them. */
export type PartialCredentials = { readonly [K in keyof Credentials]?: string | undefined };

/** The places where credentials are looked for. */
export type CredentialSource = "config" | "environment" | "profile" | "webIdentity" | "pod" | "machineRole";

/** Where credentials come from. It holds none of their values, and may be shown. */
export interface CredentialOrigin {
  readonly source: CredentialSource;
  /** The same in words, such as `the environment`. */
  readonly where: string;
  /** Whether a session token comes with them, as with all keys that end. */
  readonly temporary: boolean;
  /** The role that is assumed to get them. */
  readonly roleArn?: string;
}

/** What the stack's config says about credentials. */
export interface CredentialConfiguration extends PartialCredentials {
  readonly profile?: string | undefined;
  readonly assumeRoleArn?: string | undefined;
  readonly assumeRoleSessionName?: string | undefined;
  readonly assumeRoleSessionDuration?: string | undefined;
  readonly assumeRoleExternalId?: string | undefined;
  /** Whether the `TKE_*` variables of a pod may be used. */
  readonly enablePodOidc?: boolean | undefined;
  /** Whether the role of the machine may be used. */
  readonly useCvmRole?: boolean | undefined;
  /** The same, with the role's name. */
  readonly camRoleName?: string | undefined;
}

/** Where credentials are looked for. */
export interface CredentialSources {
  readonly configured: CredentialConfiguration;
  readonly env: NodeJS.ProcessEnv;
  /** Home directory, that has `.tencentcloud` and `.tccli`. */
  readonly home: string;
  /** Directory of the file that all users of the machine share. @default "/etc/tencentcloud" */
  readonly systemDirectory?: string;
}

/** A role that a key assumes. */
export interface Role {
  readonly arn: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly externalId?: string;
}

/** What an identity provider vouches for, in exchange for the keys of a role. */
export interface WebIdentity {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly providerId: string;
  readonly region?: string;
  /** The token, or the file that has it: it is read anew each time, since it is replaced before it ends. */
  readonly token: { readonly text: string } | { readonly file: string; readonly named: string };
}

/** What a source gives: a key, or what to ask for one with. */
export type Base =
  | { readonly kind: "key"; readonly credentials: Credentials; readonly role?: Role | undefined }
  | { readonly kind: "webIdentity"; readonly identity: WebIdentity }
  | { readonly kind: "machineRole"; readonly roleName: string | undefined };

/** What a source is asked for. */
export interface FoundBase {
  readonly base: Base;
  readonly source: CredentialSource;
  readonly where: string;
}

/** Why a source that is there gives nothing, as a sentence without its full stop. */
export interface Nothing {
  readonly nothing?: string;
}

export type Lookup = FoundBase | Nothing;

export function isFound(lookup: Lookup): lookup is FoundBase {
  return "base" in lookup;
}

/** An empty value counts as none: that is what an unset secret becomes in a CI. */
export function given(value: string | undefined): string | undefined {
  return value?.trim() || undefined;
}
