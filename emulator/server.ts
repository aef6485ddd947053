/** How the service is reached: routes, on loopback only. */
import { createServer as createHttpServer, type Server as HttpServer, type IncomingMessage } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Hono } from "hono";
import { answerApi } from "./api";
import { drawImage } from "./images";
import { addMachine } from "./machine";
import { filterOf } from "./page/filter";
import { page, pageSecurityPolicy } from "./page/page";
import { pageScript } from "./page/script";
import { pageStyle } from "./page/style";
import { asksApi, headOf } from "./requestHead";
import type { Service } from "./service";

export type Server = HttpServer | TlsServer;

/** A certificate and its key, in PEM. */
export interface Tls {
  readonly cert: string;
  readonly key: string;
}

export const loopback = "127.0.0.1";

/** A server, not yet listening. */
export function createServer(service: Service, control: Hono<{ Bindings: HttpBindings }>, tls?: Tls): Server {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.use(async (c, next) => {
    const refusal = refusalOf(c.env.incoming, tls ? "https" : "http");
    if (refusal) return c.text(refusal, 403);
    // Clients learn the service's time from here.
    c.env.outgoing.setHeader("date", new Date(service.clock.now()).toUTCString());
    return next();
  });
  const answer = async ({ incoming, outgoing }: HttpBindings): Promise<Response> => {
    try {
      await answerApi(incoming, outgoing, service);
    } catch (error) {
      // Too late for a proper answer; what must not happen is that a client waits for ever.
      service.report(error);
      outgoing.destroy();
    }
    return RESPONSE_ALREADY_SENT;
  };
  app.post("/", (c) => answer(c.env));
  app.get("/", (c) =>
    asksApi(headOf(c.env.incoming))
      ? answer(c.env)
      : c.html(page(service, filterOf(c.req.query())), 200, {
          "content-security-policy": pageSecurityPolicy,
          ...sniffNothing,
        }),
  );
  app.get("/_emulator/style.css", (c) => c.body(pageStyle, 200, { "content-type": "text/css", ...sniffNothing }));
  app.get("/_emulator/page.js", (c) => c.body(pageScript, 200, { "content-type": "text/javascript", ...sniffNothing }));
  app.route("/_emulator", control);
  addMachine(app, service);
  app.get("/:subAppId/:folder/:name", (c) => {
    service.store.settle();
    const file = service.store.file(c.req.path);
    if (!file || !service.fileExists(file)) return c.text("The picture does not exist, or does no longer.", 404);
    return c.body(new Uint8Array(drawImage(file)), 200, { "content-type": "image/png", ...sniffNothing });
  });
  const listener = getRequestListener(app.fetch, { hostname: loopback, overrideGlobalObjects: false });
  const limits = { maxHeaderSize: largestHead };
  const server = tls ? createTlsServer({ ...limits, ...tls }, listener) : createHttpServer(limits, listener);
  // A connection closed for idleness just as its client sends would look like a fault nobody scripted.
  server.keepAliveTimeout = 60_000;
  return server;
}

/** Bytes of a request's head: the service's limit of a query, and as much for the rest. */
const largestHead = 64 * 1024;

const sniffNothing = { "x-content-type-options": "nosniff" };

/**
 * Why a request is not for us: it names another host (a name that an attacker made to point at loopback), or a page of
 * another site sent it.
 */
function refusalOf(incoming: IncomingMessage, scheme: string): string | undefined {
  const { host = "", origin } = incoming.headers;
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host)) {
    return "The emulator answers on loopback only: the Host header must be 127.0.0.1 or localhost.";
  }
  if (origin !== undefined && origin !== `${scheme}://${host}`) {
    return "The emulator takes no requests from other sites' pages.";
  }
  return undefined;
}
