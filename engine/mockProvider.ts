import type * as pulumi from "@pulumi/pulumi";
import type { ProviderPort } from "./providerPort";
import { parseUrn } from "./urn";
import type { PropertyMap } from "./values";

/** Answers for resources of packages that need a plugin, by the user's own mocks. */
export function mockProvider(mocks: pulumi.runtime.Mocks): ProviderPort {
  const newResource = async (urn: string, inputs: PropertyMap, id?: string): Promise<[string, PropertyMap]> => {
    const { name, type } = parseUrn(urn);
    const result = await mocks.newResource({ type, name, inputs, custom: true, ...(id === undefined ? {} : { id }) });
    return [result.id ?? id ?? `${name}_id`, { ...result.state } as PropertyMap];
  };
  return {
    configure: async () => undefined,
    check: async ({ news }) => ({ inputs: news, failures: [] }),
    diff: async () => ({ changes: "unknown", replaces: [] }),
    create: async ({ urn, properties }) => {
      const [id, state] = await newResource(urn, properties);
      return { id, properties: state };
    },
    update: async ({ urn, id, news }) => {
      const [, state] = await newResource(urn, news, id);
      return { properties: state };
    },
    read: async ({ urn, id, properties }) => {
      const [, state] = await newResource(urn, properties, id);
      return { id, properties: state };
    },
    delete: async () => {},
    cancel: async () => {},
    close: async () => {},
  };
}
