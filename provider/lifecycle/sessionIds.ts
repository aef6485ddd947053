import { generationIdPrefix, requestDigest } from "../generation/generationId";
import type { Failure } from "../schema/inputs";
import { isEmpty, isGiven, type JsonObject } from "../schema/json";
import { canonicalRequest } from "../schema/request";
import { containsUnknown, isUnknown } from "../schema/unknown";

/** The identifiers of users' own that the resources of one operation give, and for which request each. */
export class SessionIds {
  /** By identifier, then by resource: one resource may be checked more than once. */
  private readonly given = new Map<string, Map<string, string>>();

  /** What is wrong with a resource's identifier. What is not known yet breaks no rule, and what is adopted sends none. */
  failures(inputs: JsonObject, urn: string | undefined): Failure[] {
    const { sessionId, generationId, adoptTaskId, adoptFileIds } = inputs;
    if (typeof sessionId !== "string" || isEmpty(sessionId) || isUnknown(sessionId)) return [];
    // The derived one is what is sent anyway.
    if (sessionId === generationId || isGiven(adoptTaskId) || isGiven(adoptFileIds)) return [];
    if (sessionId.startsWith(generationIdPrefix)) return isUnknown(generationId) ? [] : [derivedElsewhere];
    const parts = { request: canonicalRequest(inputs), keepers: inputs["keepers"] };
    if (containsUnknown(parts)) return [];
    return this.isSharedWithAnother(sessionId, String(urn), requestDigest(parts)) ? [shared] : [];
  }

  private isSharedWithAnother(sessionId: string, resource: string, request: string): boolean {
    const users = this.given.get(sessionId) ?? new Map<string, string>();
    this.given.set(sessionId, users);
    users.set(resource, request);
    return [...users].some(([other, its]) => other !== resource && its !== request);
  }
}

const derivedElsewhere: Failure = {
  property: "sessionId",
  reason: `begins with ${generationIdPrefix}, as an identifier that is derived for another picture does. Remove it to have this resource's own derived, which costs nothing; to take over the picture of that identifier, unbilled, give \`adoptTaskId\` or \`adoptFileIds\`.`,
};

const shared: Failure = {
  property: "sessionId",
  reason:
    "is given to another resource too, for another request: the service takes a SessionId once, and would refuse the second request. Remove it to have one derived, or give each resource its own.",
};
