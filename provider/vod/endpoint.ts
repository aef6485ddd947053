/** Where requests go. */
export interface Endpoint {
  url: URL;
  /** Host with its port, where that is not the scheme's own. */
  host: string;
  /** Whether the endpoint is this machine, as an emulator's is. */
  loopback: boolean;
}

/** All real hosts are one service. */
export const realService = "real";

/** By what the service is told from an emulator, in what a machine keeps of it. */
export function serviceOf({ loopback, url }: Endpoint): string {
  return loopback ? url.origin : realService;
}

export const defaultEndpoint = "https://vod.intl.tencentcloudapi.com";

/** The environment variable that lets requests, and what they carry, go to a host that is not Tencent Cloud's. */
export const allowCustomEndpoint = "TENCENT_AIGC_ALLOW_CUSTOM_ENDPOINT";

/**
 * Reads an endpoint, or says, as the end of a sentence, what is wrong with it. What it says never repeats the text,
 * which may hold a password.
 */
export function parseEndpoint(text: string, env: NodeJS.ProcessEnv): Endpoint | string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !["https:", "http:"].includes(url.protocol) || !/^https?:\/\//i.test(text)) {
    return `must be a URL such as ${defaultEndpoint}`;
  }
  if (/[@?#\\]/.test(text) || url.pathname !== "/") {
    return "must be scheme, host and port only, without user, path, query or fragment";
  }
  const loopback = isLoopback(url.hostname);
  if (url.protocol === "http:" && !loopback) {
    return "must use https; plain http is for this machine only (127.0.0.0/8, [::1], localhost)";
  }
  // The dot matters: a name that merely ends alike is somebody else's.
  if (!loopback && !url.hostname.endsWith(".tencentcloudapi.com") && env[allowCustomEndpoint] !== "1") {
    return `must be a host under .tencentcloudapi.com or this machine, unless ${allowCustomEndpoint}=1 is set in the environment`;
  }
  return { url, host: url.host, loopback };
}

/** The environment variable that names the host of STS, which issues temporary keys, where it cannot be told from VOD's. */
export const stsEndpointVariable = "TENCENT_AIGC_STS_ENDPOINT";

/**
 * Where STS is: an emulator of VOD answers for it too, and each of VOD's hosts has one of STS beside it. Keys of this
 * machine never go to the real service, nor the other way round.
 */
export function stsEndpointFor(endpoint: Endpoint, env: NodeJS.ProcessEnv): Endpoint | string {
  const text = env[stsEndpointVariable]?.trim();
  if (text) {
    const parsed = parseEndpoint(text, env);
    if (typeof parsed === "string" || parsed.loopback === endpoint.loopback) {
      return parsed;
    }
    return `must be ${endpoint.loopback ? "this machine" : "no host of this machine"}, as the endpoint of VOD is`;
  }
  if (endpoint.loopback) {
    return endpoint;
  }
  const host = /^vod\.((?:.+\.)?tencentcloudapi\.com)$/.exec(endpoint.url.hostname)?.[1];
  return parseEndpoint(host ? `https://sts.${host}` : "https://sts.intl.tencentcloudapi.com", env);
}

/** Whether a host name, as `URL` spells it, is this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
