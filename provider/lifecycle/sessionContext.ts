import { sessionContextMaxLength } from "../schema/request";

/**
 * A SessionContext that says for which resource a task was sent, to find it again in the service's list of tasks and its
 * bill. It is no part of what is meant: neither the generation id nor a difference knows it.
 *
 * @returns nothing where there is no URN, or where the names are longer than the service takes
 */
export function sessionContextOf(urn: string | undefined): { SessionContext?: string } {
  const [, stack, project, resource] = /^urn:pulumi:([^:]+)::([^:]+)::[^\s]+?::(.+)$/s.exec(urn ?? "") ?? [];
  const SessionContext = JSON.stringify({ project, stack, resource });
  return resource === undefined || SessionContext.length > sessionContextMaxLength ? {} : { SessionContext };
}
