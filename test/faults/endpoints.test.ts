import { expect, test } from "vitest";
import { expectLedger, openWorld, requests, sharedWorld } from "../support/emulator";
import { Lifecycle, picture, type ResourceState } from "../support/lifecycle";

const world = sharedWorld();
let resources = 0;

function newHero(): Lifecycle {
  return new Lifecycle(world, `hero-${++resources}`);
}

const realHost = "vod.intl.tencentcloudapi.com";

/** The state of a picture that the real service made, as this package would have written it. */
async function realPicture(): Promise<Lifecycle> {
  const hero = newHero();
  await hero.up(picture());
  hero.state = { ...(hero.state as ResourceState), outputs: { ...hero.outputs, endpoint: realHost } };
  return hero;
}

test("the emulator's address left in the environment touches no real picture", async () => {
  const hero = await realPicture();
  const before = { state: hero.state, requests: requests(world) };
  for (const verb of [
    () => hero.preview(picture()),
    () => hero.preview(picture({ prompt: "another" })),
    () => hero.refresh(),
  ]) {
    await expect(verb()).rejects.toThrow(/endpoint is the emulator's address.*Unset TENCENT_AIGC_ENDPOINT/);
  }
  expect((await hero.up(picture())).error).toContain("TENCENT_AIGC_ENDPOINT");
  expect((await hero.up(picture({ prompt: "another" }))).error).toContain("TENCENT_AIGC_ENDPOINT");
  expect(hero.state).toEqual(before.state);
  expect(requests(world)).toBe(before.requests);
  await hero.destroy();
  expect(hero.state).toBeUndefined();
  expect(requests(world)).toBe(before.requests);
  expectLedger(world, { billed: 1, intended: 1 });
});

test("an emulator's picture under the real endpoint is shown as replaced, with why and what it bills", async () => {
  const own = await openWorld();
  const hero = new Lifecycle(own);
  await hero.up(picture());
  const before = requests(own);
  // Only verbs that send nothing run here: this is the real service's address.
  await own.restart({ env: { TENCENT_AIGC_ENDPOINT: undefined } });
  expect((await hero.preview(picture())).operation).toBe("replace");
  const { engine } = await own.host();
  const { text } = await engine.seen((line) => line.text.includes("came from an emulator"));
  expect(text).toContain("bills up to 1 image");
  const stored = hero.outputs;
  expect(await hero.refresh()).toBe(true);
  expect(hero.outputs).toEqual(stored);
  await hero.destroy();
  expect(requests(own)).toBe(before);
  expectLedger(own, { billed: 1, intended: 1 });
});

test("two real hosts are one service, and so are two emulators", async () => {
  const hero = newHero();
  await hero.up(picture());
  hero.state = { ...(hero.state as ResourceState), outputs: { ...hero.outputs, endpoint: "127.0.0.1:1" } };
  expect((await hero.up(picture())).operation).toBe("same");
  expectLedger(world, { billed: 1, intended: 1 });
});
