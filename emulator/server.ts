/** How the service is reached: routes, on loopback only. */
import type { IncomingMessage, Server } from "node:http";
import { createAdaptorServer, type HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Hono } from "hono";
import { answerApi } from "./api";
import { drawImage } from "./images";
import { addMachine } from "./machine";
import { page, pageSecurityPolicy, pageStyle } from "./page";
import type { Service } from "./service";

export const loopback = "127.0.0.1";

/** A server, not yet listening. */
export function createServer(service: Service, control: Hono<{ Bindings: HttpBindings }>): Server {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.use(async (c, next) => {
    const refusal = refusalOf(c.env.incoming);
    if (refusal) return c.text(refusal, 403);
    // Clients learn the service's time from here.
    c.env.outgoing.setHeader("date", new Date(service.clock.now()).toUTCString());
    return next();
  });
  app.post("/", async (c) => {
    const { incoming, outgoing } = c.env;
    try {
      await answerApi(incoming, outgoing, service);
    } catch (error) {
      // Too late for a proper answer; what must not happen is that a client waits for ever.
      service.report(error);
      outgoing.destroy();
    }
    return RESPONSE_ALREADY_SENT;
  });
  app.get("/", (c) => c.html(page(service), 200, { "content-security-policy": pageSecurityPolicy, ...sniffNothing }));
  app.get("/_emulator/style.css", (c) => c.body(pageStyle(), 200, { "content-type": "text/css", ...sniffNothing }));
  app.route("/_emulator", control);
  addMachine(app, service);
  app.get("/:subAppId/:folder/:name", (c) => {
    service.store.settle();
    const file = service.store.file(c.req.path);
    if (!file || !service.fileExists(file)) return c.text("The picture does not exist, or does no longer.", 404);
    return c.body(new Uint8Array(drawImage(file)), 200, { "content-type": "image/png", ...sniffNothing });
  });
  const server = createAdaptorServer({ fetch: app.fetch, hostname: loopback, overrideGlobalObjects: false }) as Server;
  // A connection closed for idleness just as its client sends would look like a fault nobody scripted.
  server.keepAliveTimeout = 60_000;
  return server;
}

const sniffNothing = { "x-content-type-options": "nosniff" };

/**
 * Why a request is not for us: it names another host (a name that an attacker made to point at loopback), or a page of
 * another site sent it.
 */
function refusalOf(incoming: IncomingMessage): string | undefined {
  const { host = "", origin } = incoming.headers;
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host)) {
    return "The emulator answers on loopback only: the Host header must be 127.0.0.1 or localhost.";
  }
  if (origin !== undefined && origin !== `http://${host}`) {
    return "The emulator takes no requests from other sites' pages.";
  }
  return undefined;
}
