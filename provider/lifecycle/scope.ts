import { dynamicUrn } from "../typeTokens";

/** The scope of inputs: the `sessionScope` that they give, which may be a URN, or else the resource's own. */
export function scopeIn(sessionScope: unknown, ownScope: string | undefined): string | undefined {
  return typeof sessionScope === "string" ? dynamicUrn(sessionScope) : ownScope;
}
