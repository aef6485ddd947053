/** The emulator's own routes, under `/_emulator`: JSON in, JSON out. */
import { Hono } from "hono";
import { type Behaviours, behaviourTable } from "./behaviours";
import type { Emulator } from "./emulator";
import { faultKinds } from "./faults";

export function control(emulator: Emulator): Hono {
  const app = new Hono();
  app.get("/ledger", (c) => c.json(emulator.ledger()));
  app.get("/behaviour", (c) => c.json({ behaviours: behaviourTable, faults: faultKinds }));
  app.post("/clock", async (c) => {
    const { advanceSeconds } = (await c.req.json()) as { advanceSeconds: number };
    emulator.advance(advanceSeconds);
    return c.json({});
  });
  app.post("/faults", async (c) => {
    emulator.fault(await c.req.json());
    return c.json({});
  });
  app.delete("/faults", (c) => {
    emulator.clearFaults();
    return c.json({});
  });
  app.post("/behaviour", async (c) => {
    emulator.behaviour((await c.req.json()) as Partial<Behaviours>);
    return c.json({});
  });
  app.all("*", (c) => c.json({ error: "the routes here are ledger, clock, faults and behaviour" }, 404));
  app.onError((error, c) => {
    // A RangeError is a wrong value, a SyntaxError a body that is not JSON: both are the caller's to mend.
    if (!(error instanceof RangeError || error instanceof SyntaxError || error instanceof TypeError)) throw error;
    return c.json({ error: error.message }, 400);
  });
  return app;
}
