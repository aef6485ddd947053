/**
 * The service tells picture URLs over http, of hosts that serve the same over https. Such a URL is given as https, for an
 * https page shows no other, and in either form it means the same picture. Imports nothing: a program loads it as well.
 */

/** Without a port: another one need not speak https. */
const host = String.raw`(?:[a-z0-9-]+\.)+(?:myqcloud|vod-qcloud)\.com(?![\w:-]|\.\w)`;

const plain = new RegExp(`^http(?=://${host})`, "i");
const secure = new RegExp(`\\bhttps(?=://${host})`, "gi");

/** A picture's URL as it is given: https, where its host is known to serve it. */
export function secureUrl(url: string): string {
  return url.replace(plain, "https");
}

/**
 * A text in which such URLs are in the form that the service tells them in. Frozen: generation ids are derived from it,
 * and were so before any URL was given as https.
 */
export function plainUrls(text: string): string {
  return text.replace(secure, "http");
}
