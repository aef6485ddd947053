import { BlockList, isIP } from "node:net";
import type { Endpoint } from "./endpoint";
import { ConfigurationError } from "./errors";

/** The proxy to ask, without user and password in its URL. */
export interface Proxy {
  /** The environment variable that names it. */
  readonly variable: string;
  readonly origin: string;
  /** The value of Proxy-Authorization. */
  readonly authorization?: string;
}

const proxyVariables = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] as const;

/**
 * The proxy that the environment asks for; the first variable that is not empty counts. Requests to this machine never
 * go through a proxy: it would look for the endpoint on its own machine.
 *
 * @throws ConfigurationError where it is not a proxy's URL
 */
export function proxyFor(endpoint: Pick<Endpoint, "loopback" | "url">, env: NodeJS.ProcessEnv): Proxy | undefined {
  const variable = endpoint.loopback ? undefined : proxyVariables.find((name) => env[name]?.trim());
  const except = env["no_proxy"]?.trim() || env["NO_PROXY"]?.trim() || "";
  if (!variable || isExcepted(endpoint.url, except)) return undefined;
  const proxy = readProxy(env[variable]?.trim() ?? "");
  if (proxy === undefined) {
    // The value is not repeated: it may hold a password.
    const rule =
      "must be a proxy's URL such as http://proxy.example.com:8080 (http or https), where user and password have " +
      "their special characters as %XX";
    throw new ConfigurationError([{ key: variable, rule, fix: `Correct or unset ${variable}.` }]);
  }
  return { variable, ...proxy };
}

function readProxy(text: string): Omit<Proxy, "variable"> | undefined {
  const address = /^\w+:\/\//.test(text) ? text : `http://${text}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !["http:", "https:"].includes(url.protocol)) return undefined;
  // A "/", "?" or "#" of a password that was not encoded ends the host, and the rest goes on behind it.
  if (`${url.pathname}${url.search}${url.hash}`.includes("@")) return undefined;
  const [user, password] = [decoded(url.username), decoded(url.password)];
  if (user === undefined || password === undefined) return undefined;
  if (user === "" && password === "") return { origin: url.origin };
  return { origin: url.origin, authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Whether NO_PROXY names the host: by name, which covers what is under it, address, network or `*`, each with or without a port. */
export function isExcepted(url: URL, noProxy: string): boolean {
  const host = bare(url.hostname);
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return noProxy.split(/[\s,]+/).some((entry) => {
    if (entry === "") return false;
    if (entry === "*") return true;
    if (entry.includes("/")) return isInNetwork(host, entry);
    const [, name = "", entryPort] = isIP(entry) ? ["", entry] : (/^(.*?)(?::(\d+))?$/.exec(entry) ?? []);
    if (entryPort !== undefined && entryPort !== port) return false;
    return isIP(bare(name)) ? isSameAddress(host, bare(name)) : isUnder(host, bare(name).replace(/^\*?\./, ""));
  });
}

function isUnder(host: string, name: string): boolean {
  return name !== "" && !isIP(host) && (host === name || host.endsWith(`.${name}`));
}

function isSameAddress(host: string, address: string): boolean {
  return isInNetwork(host, `${address}/${isIP(address) === 6 ? 128 : 32}`);
}

function isInNetwork(host: string, network: string): boolean {
  const [, address = "", bits = ""] = /^(.*)\/(\d{1,3})$/.exec(network) ?? [];
  const [kind, hostKind] = [isIP(bare(address)), isIP(host)];
  if (kind === 0 || hostKind === 0 || Number(bits) > (kind === 6 ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(bare(address), Number(bits), kind === 6 ? "ipv6" : "ipv4");
  return list.check(host, hostKind === 6 ? "ipv6" : "ipv4");
}

/** A host in one spelling: lower case, without the brackets of IPv6 and the dot at a name's end. */
function bare(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "");
}
