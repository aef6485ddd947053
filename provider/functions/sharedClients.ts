import type { Configuration } from "../configuration";
import type { ServiceClient } from "../serviceClient";

interface Shared {
  readonly opened: ServiceClient;
  users: number;
}

/**
 * One client for calls under way at once that have the same account and service, so that they keep one pace. It is closed
 * with the last of them: a program that goes on, and the next stack of the same process, find the settings of that time.
 */
export class SharedClients {
  private readonly shared = new Map<string, Shared>();

  constructor(private readonly open: (configuration: Configuration) => ServiceClient) {}

  async with<T>(configuration: Configuration, use: (opened: ServiceClient) => Promise<T>): Promise<T> {
    const { configured, endpoint, stsEndpoint, requestsPerSecond } = configuration;
    const key = JSON.stringify([configured, endpoint.url, stsEndpoint.url, requestsPerSecond]);
    const one = this.shared.get(key) ?? { opened: this.open(configuration), users: 0 };
    this.shared.set(key, one);
    one.users++;
    try {
      return await use(one.opened);
    } finally {
      one.users--;
      if (one.users === 0) {
        this.shared.delete(key);
        await one.opened.client.close();
      }
    }
  }
}
