import { Agent, type Dispatcher, ProxyAgent } from "undici";
import { isLoopback } from "../../provider/vod/endpoint";
import { proxyFor, type Proxy as ServiceProxy } from "../../provider/vod/proxy";

/** How a URL is reached. */
export interface Route {
  readonly dispatcher: Dispatcher;
  /** The environment variable that names the proxy, where one is asked. */
  readonly proxyVariable?: string;
}

const timeouts = { headersTimeout: 60_000, bodyTimeout: 30_000, connect: { timeout: 15_000 } };

/** Directly, or through the proxy that the environment asks for, as the service is reached. */
export class Dispatchers {
  private readonly direct = new Agent(timeouts);
  /** All proxies of an environment are one: NO_PROXY only says for which hosts it is not asked. */
  private proxied: ProxyAgent | undefined;

  constructor(private readonly env: NodeJS.ProcessEnv) {}

  /** @throws ConfigurationError where the environment names no proxy that can be asked */
  routeTo(url: URL): Route {
    const proxy = proxyFor({ loopback: isLoopback(url.hostname), url }, this.env);
    return proxy ? { dispatcher: this.through(proxy), proxyVariable: proxy.variable } : { dispatcher: this.direct };
  }

  async close(): Promise<void> {
    await Promise.all([this.direct.destroy(), this.proxied?.destroy()]);
  }

  private through({ origin, authorization }: ServiceProxy): Dispatcher {
    this.proxied ??= new ProxyAgent({ ...timeouts, uri: origin, ...(authorization ? { token: authorization } : {}) });
    return this.proxied;
  }
}
