/** The emulator's own routes, under `/_emulator`: JSON in, JSON out. */
import type { IncomingMessage } from "node:http";
import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { type Behaviours, behaviourTable } from "./behaviours";
import { type Fault, faultKinds } from "./faultKinds";
import type { Ledger } from "./ledger";
import { readBody } from "./requestBody";

const mostBytes = 1024 * 1024;

/** What can be done over HTTP. */
export interface Controls {
  ledger(): Ledger;
  advance(seconds: number): void;
  fault(fault: Fault | readonly Fault[]): void;
  clearFaults(): void;
  behaviour(behaviours: Partial<Behaviours>): void;
}

export function control(emulator: Controls): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.get("/ledger", (c) => c.json(emulator.ledger()));
  app.get("/behaviour", (c) => c.json({ behaviours: behaviourTable, faults: faultKinds }));
  app.post("/clock", async (c) => {
    emulator.advance(secondsIn(await jsonOf(c.env.incoming)));
    return c.json({});
  });
  app.post("/faults", async (c) => {
    emulator.fault(await jsonOf(c.env.incoming));
    return c.json({});
  });
  app.delete("/faults", (c) => {
    emulator.clearFaults();
    return c.json({});
  });
  app.post("/behaviour", async (c) => {
    emulator.behaviour(await jsonOf(c.env.incoming));
    return c.json({});
  });
  app.all("*", (c) => c.json({ error: "the routes here are ledger, clock, faults and behaviour" }, 404));
  app.onError((error, c) => {
    if (error instanceof TooLarge) return c.json({ error: error.message }, 413);
    // A RangeError is a wrong value, a SyntaxError a body that is not JSON: both are the caller's to correct.
    if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error;
    return c.json({ error: error.message }, 400);
  });
  return app;
}

class TooLarge extends Error {}

// biome-ignore lint/suspicious/noExplicitAny: what takes it checks it
async function jsonOf(incoming: IncomingMessage): Promise<any> {
  const body = await readBody(incoming, mostBytes);
  if (!body) throw new TooLarge("the body must be at most 1 MB");
  return JSON.parse(body.toString("utf8"));
}

function secondsIn(body: unknown): number {
  const seconds: unknown =
    typeof body === "object" && body !== null && "advanceSeconds" in body ? body.advanceSeconds : undefined;
  if (typeof seconds === "number") return seconds;
  throw new RangeError('the body must be an object as {"advanceSeconds":60}, with a number of seconds, 0 or more');
}
