import { expect, onTestFinished, test } from "vitest";
import { createVodClient } from "../../provider/vod/client";
import { parseEndpoint } from "../../provider/vod/endpoint";
import { expectLedger, openWorld, requests, tasks, type World } from "../support/emulator";
import { Lifecycle, picture, subAppId } from "../support/lifecycle";

/** `tencent-aigc:tagSessionContext`: each task says at the service for which resource it was sent. */

const tagged = { "tencent-aigc:tagSessionContext": "true" };
const create = "CreateAigcImageTask";

/** What the service hands back with each task. */
async function sessionContexts({ emulator }: World): Promise<(string | null | undefined)[]> {
  const { secretId, secretKey, url } = emulator;
  const endpoint = parseEndpoint(url, {});
  if (typeof endpoint === "string") throw new Error(endpoint);
  const credentials = async () => ({ secretId, secretKey });
  const client = createVodClient({ endpoint, credentials, requestsPerSecond: 20, env: {} });
  onTestFinished(() => client.close());
  const details = tasks(emulator).map(({ taskId }) =>
    client.call("DescribeTaskDetail", { TaskId: taskId, SubAppId: subAppId }),
  );
  return (await Promise.all(details)).map(({ AigcImageTask }) => AigcImageTask?.SessionContext);
}

test("a task carries project, stack and resource", async () => {
  const world = await openWorld({ config: tagged });
  const hero = new Lifecycle(world, "hero");
  await hero.up(picture());
  const [told] = await sessionContexts(world);
  expect(JSON.parse(told ?? "")).toEqual({ project: "shop", stack: "dev", resource: "hero" });
  expectLedger(world, { billed: 1, intended: 1 });
});

test("a `sessionContext` of the user's own is sent as it is", async () => {
  const world = await openWorld({ config: tagged });
  await new Lifecycle(world, "hero").up(picture({ sessionContext: "mine" }));
  expect(await sessionContexts(world)).toEqual(["mine"]);
  expectLedger(world, { billed: 1, intended: 1 });
});

test("off by default, and names longer than the service takes are left out", async () => {
  const world = await openWorld();
  await new Lifecycle(world, "hero").up(picture());
  await world.restart({ config: tagged });
  await new Lifecycle(world, "h".repeat(1000)).up(picture());
  expect(await sessionContexts(world)).toEqual(["", ""]);
  expectLedger(world, { billed: 2, intended: 2 });
});

test("switched on or off it changes no picture: not the generation id, not what a forced replace finds", async () => {
  const world = await openWorld();
  const hero = new Lifecycle(world, "hero");
  await hero.up(picture());
  const { generationId, url } = hero.outputs;
  for (const value of ["true", "false"]) {
    await world.restart({ config: { "tencent-aigc:tagSessionContext": value } });
    expect((await hero.up(picture())).operation).toBe("same");
    await hero.up(picture(), { replace: true });
    expect(hero.outputs).toMatchObject({ generationId, url });
  }
  await world.restart({ config: tagged, newMachine: true });
  hero.state = undefined;
  await hero.up(picture());
  expect(hero.outputs).toMatchObject({ generationId, url });
  expect(requests(world, create)).toBe(1);
  expectLedger(world, { billed: 1, intended: 1 });
});
