export type { CredentialOrigin, CredentialSource, Credentials, PartialCredentials } from "./credentials";
export { type CredentialSources, describeCredentials, resolveCredentials } from "./resolve";
