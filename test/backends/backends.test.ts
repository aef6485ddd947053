import { describe, expect, test } from "vitest";
import { find } from "../../scripts/cli/tools.mts";
import { sayMissing } from "../cli/sayMissing";
import { expectBilled, openWorld } from "../scenarios/world";
import { type Backend, backends } from "./servers";

const hero = { subAppId: 1500000001, modelName: "GG", modelVersion: "3.0", prompt: "a red car" };
const engine = "the Pulumi CLI";

const here = backends.filter(({ tool }) => "folder" in find(tool));
for (const { tool } of backends) sayMissing(tool);

async function openWorldOn(backend: Backend, taskSeconds = 0.1) {
  const { url, env } = await backend.start();
  const world = await openWorld(engine, { emulator: { taskSeconds }, env: { ...env, PULUMI_BACKEND_URL: url } });
  world.declare({ name: "hero", args: hero });
  return world;
}

const waits = ({ requests }: { requests: Record<string, number> }) => requests["DescribeTaskDetail"] ?? 0;

describe.each(here)("state in $name", (backend) => {
  test("a picture is generated once, and a second `up` sends nothing", async () => {
    const world = await openWorldOn(backend);
    expect((await world.up()).outputs["hero"]).toMatchObject({ status: "FINISH" });
    const { requests } = world.emulator.ledger();
    expect((await world.up()).changes).toEqual({ same: 2 });
    expect(world.emulator.ledger().requests).toEqual(requests);
    expectBilled(world.emulator, 1);
  });

  test("a second runner is told while the first one is under way, and sends nothing", async () => {
    const world = await openWorldOn(backend, 3600);
    const first = world.spawnUp();
    await world.emulator.waitUntil((ledger) => waits(ledger) > 0, 60_000);
    expect(await world.failing("up")).toMatch(/stack is currently locked by 1 lock/);
    world.emulator.advance(3600);
    await first.ended;
    expect(first.child.exitCode).toBe(0);
    expect((await world.up()).changes).toEqual({ same: 2 });
    expect(world.emulator.ledger().requests["CreateAigcImageTask"]).toBe(1);
    expectBilled(world.emulator, 1);
  });

  test("two runners that start at the same moment bill one picture", async () => {
    const world = await openWorldOn(backend);
    const both = [world.spawnUp(), world.spawnUp()];
    await Promise.all(both.map(({ ended }) => ended));
    // Each may have been told of the other.
    expect((await world.up()).outputs["hero"]).toMatchObject({ status: "FINISH" });
    expect(world.emulator.ledger().requests["CreateAigcImageTask"]).toBe(1);
    expectBilled(world.emulator, 1);
  });

  test("a runner is killed and its disk is gone: the next one resumes the same task", async () => {
    const world = await openWorldOn(backend, 3600);
    const killed = world.spawnUp();
    await world.emulator.waitUntil((ledger) => waits(ledger) > 0, 60_000);
    await killed.killEverything();
    world.replaceMachine();
    expect(await world.failing("up")).toMatch(/stack is currently locked by 1 lock/);
    await world.clearLock();
    const { tasks, requests } = world.emulator.ledger();
    const resumed = world.up();
    await world.emulator.waitUntil((ledger) => waits(ledger) > waits({ requests }), 60_000);
    world.emulator.advance(3600);
    const { outputs } = await resumed;
    expect(outputs["hero"]).toMatchObject({ taskId: tasks[0]?.taskId, status: "FINISH" });
    expect((await world.up()).changes).toEqual({ same: 2 });
    // What the lost journal knew is asked for anew, under the name it was sent under: the service refuses it as known.
    expect(world.emulator.ledger().tasks).toHaveLength(1);
    expectBilled(world.emulator, 1);
  });
});
