import { beforeAll, describe, expect, test } from "vitest";
import { InitError } from "../../engine/providerPort";
import { expectLedger, requests, sharedWorld, tasks } from "../support/emulator";
import { type Host, type Properties, registered, startHost, urnOf } from "../support/host";
import { picture } from "../support/lifecycle";
import { firstVersion } from "./firstVersion";

/** Processes of 0.1.0 and of this version that mean the same picture. */

const world = sharedWorld();
const create = "CreateAigcImageTask";

type Side = "0.1.0" | "this version" | "this version on another machine";

let hosts: Readonly<Record<Side, Host>>;

beforeAll(async () => {
  const here = world.settings();
  const elsewhere = { ...here, env: { ...here.env, XDG_STATE_HOME: `${here.env["XDG_STATE_HOME"]}/elsewhere` } };
  const [first, current, apart] = await Promise.all([
    startHost({ ...here, packageDirectory: firstVersion() }),
    startHost(here),
    startHost(elsewhere),
  ]);
  hosts = { "0.1.0": first, "this version": current, "this version on another machine": apart };
});

const pairs: readonly (readonly [Side, Side])[] = [
  ["0.1.0", "this version"],
  ["this version", "0.1.0"],
  ["0.1.0", "this version on another machine"],
  ["this version on another machine", "0.1.0"],
];

let resources = 0;

const kinds: Readonly<Record<string, () => Properties>> = {
  "a Permanent picture": () => ({}),
  "a Temporary picture": () => ({ outputConfig: { storageMode: "Temporary" } }),
  "a picture with a mediaName": () => ({ outputConfig: { mediaName: "lighthouse" } }),
  "a picture with a sessionId": () => ({ sessionId: `own-${++resources}` }),
  "a picture with a sessionId and a mediaName": () => ({
    sessionId: `own-${++resources}`,
    outputConfig: { mediaName: "lighthouse" },
  }),
};

const cases = Object.entries(kinds).flatMap(([kind, changes]) =>
  pairs.map(([first, second]) => ({ kind, changes, first, second })),
);

interface Creating {
  readonly host: Host;
  readonly urn: string;
  readonly files: Promise<unknown>;
}

/** One resource, created by one of the sides. */
async function begin(side: Side, urn: string, args: Properties): Promise<Creating> {
  const host = hosts[side];
  const { inputs, failures } = await host.check({}, registered(urn, args));
  expect(failures).toEqual([]);
  const files = host.create(inputs).then(
    ({ properties }) => properties["files"],
    (error: Error) => `${error.message} ${error instanceof InitError ? error.reasons.join(" ") : ""}`,
  );
  return { host, urn, files };
}

/** Settles when it is sending, or waits for another process that is. */
async function isSending({ host, urn }: Creating): Promise<void> {
  await host.engine.seen((line) => line.urn === urn && /another process|submitting/.test(line.text));
}

function expectSameFile(one: unknown, other: unknown): void {
  const [task] = tasks(world);
  expect(task?.files).toHaveLength(1);
  const { url } = task?.files[0] ?? {};
  expect([one, other]).toMatchObject([[{ url }], [{ url }]]);
  expectLedger(world, { billed: 1, intended: 1 });
}

describe("at the same moment, two versions make one picture", () => {
  test.each(cases)("$kind: $first is accepted, then $second begins", async ({ changes, first, second }) => {
    const urn = urnOf(`both-${++resources}`);
    const args = picture(changes());
    world.emulator.fault({ kind: "acceptThenSlow", seconds: 600, action: create });
    const one = await begin(first, urn, args);
    await world.emulator.waitUntil(() => tasks(world).length === 1);
    const other = await begin(second, urn, args);
    await Promise.race([isSending(other), other.files]);
    world.emulator.advance(601);
    expectSameFile(await one.files, await other.files);
  });

  test.each(cases)("$kind: requests of $first and $second are on the way", async ({ changes, first, second }) => {
    const urn = urnOf(`both-${++resources}`);
    const args = picture(changes());
    const before = requests(world, create);
    world.emulator.fault({ kind: "slow", seconds: 600, action: create, times: 2 });
    const one = await begin(first, urn, args);
    await world.emulator.waitUntil(() => requests(world, create) > before);
    const other = await begin(second, urn, args);
    await isSending(other);
    world.emulator.advance(601);
    expectSameFile(await one.files, await other.files);
  });
});

describe("one after the other, two versions make one picture", () => {
  test.each(cases)("$kind: $first, then $second", async ({ changes, first, second }) => {
    const urn = urnOf(`turns-${++resources}`);
    const args = picture(changes());
    const one = await (await begin(first, urn, args)).files;
    const other = await (await begin(second, urn, args)).files;
    expectSameFile(one, other);
  });
});

describe("a `sessionId` that 0.1.0 has used for another request", () => {
  /** Makes the picture of another request, and has its state hold it. */
  async function use(sessionId: string): Promise<void> {
    const urn = urnOf(`first-${++resources}`);
    const { inputs } = await hosts["0.1.0"].check({}, registered(urn, picture({ sessionId })));
    const { id, properties } = await hosts["0.1.0"].create(inputs);
    // Its next preview notes in the journal that state holds the task.
    await hosts["0.1.0"].diff(id, properties, inputs);
  }

  test.each<Side>(["this version", "this version on another machine"])("is refused by %s", async (side) => {
    const sessionId = `own-${++resources}`;
    await use(sessionId);
    const other = await begin(side, urnOf(`other-${++resources}`), picture({ sessionId, prompt: "a harbour" }));
    expect(await other.files).toMatch(/sessionId/);
    expectLedger(world, { billed: 1, intended: 2 });
  });

  // The journal of 0.1.0 does not say for which request it used a SessionId, and the service has forgotten the task: to
  // refuse this would be to lose the pictures that 0.1.0 made under a SessionId of the user's own.
  test("is taken for this one's on day 4, unbilled: a named exception", async () => {
    const sessionId = `own-${++resources}`;
    await use(sessionId);
    world.emulator.advance(4 * 86_400);
    const urn = urnOf(`other-${++resources}`);
    const other = await begin("this version", urn, picture({ sessionId, prompt: "a harbour" }));
    expect(await other.files).toHaveLength(1);
    expectLedger(world, { billed: 1, intended: 2 });
  });
});
