/** Where requests go. */
export interface Endpoint {
  url: URL;
  /** Host with its port, where that is not the scheme's own. */
  host: string;
  /** Whether the endpoint is this machine, as an emulator's is. */
  loopback: boolean;
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

/** Whether a host name, as `URL` spells it, is this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
