/** What a machine of Tencent Cloud is told about itself at metadata.tencentyun.com, as far as its role is concerned. */
import type { HttpBindings } from "@hono/node-server";
import type { Hono } from "hono";
import { isoTime } from "./clock";
import type { Service } from "./service";

const path = "/latest/meta-data/cam/security-credentials/";

/** Under which name the ledger counts these requests, which are of no action. */
const countedAs = "(machine role)";

export function addMachine(app: Hono<{ Bindings: HttpBindings }>, service: Service): void {
  const role = service.options.machineRole;
  app.get(path, (c) => {
    service.countAs(countedAs);
    return role === undefined ? c.text("Not Found", 404) : c.text(role);
  });
  app.get(`${path}:name`, (c) => {
    service.countAs(countedAs);
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
}
