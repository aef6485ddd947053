export {
  areSame,
  type CredentialConfiguration,
  type CredentialOrigin,
  type CredentialSource,
  type CredentialSources,
  type Credentials,
} from "./credentials";
export { describeCredentials } from "./find";
export { CredentialProvider, type CredentialProviderOptions } from "./provider";
