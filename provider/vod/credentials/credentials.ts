/** What signs a request. `token` comes with temporary keys only. */
export interface Credentials {
  readonly secretId: string;
  readonly secretKey: string;
  readonly token?: string;
}

/** Parts of credentials as one source gives them. */
export type PartialCredentials = { readonly [K in keyof Credentials]?: string | undefined };

/** The places where credentials are looked for. */
export type CredentialSource = "config" | "environment" | "profile";

/** Where credentials come from. It holds none of their values, and may be shown. */
export interface CredentialOrigin {
  readonly source: CredentialSource;
  /** The same in words, such as `the environment`. */
  readonly where: string;
  /** Whether a session token comes with them, as with all keys that end. */
  readonly temporary: boolean;
}
