/** What a machine of Tencent Cloud is told about itself at metadata.tencentyun.com, as far as its role is concerned. */
import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { isoTime } from "./clock";
import type { Service } from "./service";

export const machinePath = "/latest/meta-data/cam/security-credentials";

export function machine(service: Service): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  const role = service.options.machineRole;
  app.get("/", (c) => {
    service.count("(machine role)");
    return role === undefined ? c.text("Not Found", 404) : c.text(role);
  });
  app.get("/:name", (c) => {
    service.count("(machine role)");
    if (role === undefined || c.req.param("name") !== role) return c.text("Not Found", 404);
    const { secretId, secretKey, token, endsAt } = service.machineKeys.current(service.clock.now());
    return c.json({
      TmpSecretId: secretId,
      TmpSecretKey: secretKey,
      ExpiredTime: endsAt / 1000,
      Expiration: isoTime(endsAt),
      Token: token,
      Code: "Success",
    });
  });
  return app;
}
