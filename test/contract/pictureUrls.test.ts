import { describe, expect, test } from "vitest";
import { expectLedger, requests, sharedWorld, tasks, type World } from "../support/emulator";
import { type Properties, testDynamic } from "../support/host";
import { Lifecycle, picture } from "../support/lifecycle";
import { firstVersion } from "../upgrade/firstVersion";

/** The service tells URLs over http, of hosts that serve https as well. */

const world = sharedWorld();
const submit = "CreateAigcImageTask";
let resources = 0;

const fresh = (of: World = world) => new Lifecycle(of, `picture-${++resources}`);

const urlOf = ({ outputs }: Lifecycle) => String(outputs["url"]);

/** As versions before this one have stored it. */
function storeOverHttp(hero: Lifecycle): void {
  const { state } = hero;
  if (state === undefined) throw new Error("nothing is in state");
  const outputs = JSON.parse(JSON.stringify(state.outputs).replaceAll("https://", "http://"));
  hero.state = { ...state, outputs };
}

test.each(["vod2.myqcloud.com", "store.vod-qcloud.com"] as const)(
  "a picture on %s is given over https",
  async (host) => {
    world.emulator.behaviour({ fileHost: host });
    const hero = fresh();
    await hero.up(picture());
    expect(urlOf(hero)).toMatch(new RegExp(`^https://\\d+\\.${host}/`));
    expect(hero.outputs["fileUrls"]).toEqual([urlOf(hero)]);
    expect(hero.outputs["files"]).toMatchObject([{ url: urlOf(hero) }]);
    expectLedger(world, { billed: 1, intended: 1 });
  },
);

test("a URL that is in state stays as it is, also after a refresh", async () => {
  world.emulator.behaviour({ fileHost: "vod2.myqcloud.com" });
  const hero = fresh();
  await hero.up(picture());
  storeOverHttp(hero);
  const stored = urlOf(hero);
  expect(stored).toMatch(/^http:/);
  await hero.refresh();
  expect((await hero.up(picture())).operation).toBe("same");
  expect(urlOf(hero)).toBe(stored);
  expectLedger(world, { billed: 1, intended: 1 });
});

describe("what is made from a picture's URL is not billed again once that is given over https", () => {
  const uses: Readonly<Record<string, (url: string) => Properties>> = {
    fileInfos: (url) => picture({ fileInfos: [{ url }] }),
    keepers: (url) => picture({ keepers: { from: [url] } }),
    prompt: (url) => picture({ prompt: `as in ${url}, at night` }),
  };

  test.each(Object.entries(uses))("by %s", async (_, madeFrom) => {
    world.emulator.behaviour({ fileHost: "vod2.myqcloud.com" });
    const [hero, child] = [fresh(), fresh()];
    await hero.up(picture());
    storeOverHttp(hero);
    const overHttp = madeFrom(urlOf(hero));
    await child.up(overHttp);
    // The picture is found again, and its URL is the one that is given today.
    await hero.destroy();
    await hero.up(picture());
    const overHttps = madeFrom(urlOf(hero));
    expect(overHttps).not.toEqual(overHttp);
    expect((await child.preview(overHttps)).operation).toBe("same");
    await child.up(overHttps);
    await child.up(overHttps, { replace: true });
    await child.destroy();
    await child.up(overHttps);
    expect(requests(world, submit)).toBe(2);
    expectLedger(world, { billed: 2, intended: 2 });
  });

  test("of another picture it is another one", async () => {
    const child = fresh();
    const madeFrom = (name: string) => picture({ fileInfos: [{ url: `https://1.vod2.myqcloud.com/${name}.png` }] });
    await child.up(madeFrom("one"));
    expect((await child.preview(madeFrom("other"))).operation).toBe("replace");
    expectLedger(world, { billed: 1, intended: 1 });
  });
});

testDynamic("what 0.1.0 made from a URL that was written as https is found, in state and without it", async () => {
  const args = picture({
    fileInfos: [{ url: "https://1.vod2.myqcloud.com/style.png" }],
    keepers: { round: resources },
  });
  await world.restart({ packageDirectory: firstVersion() });
  const [kept, lost] = [fresh(), fresh()];
  await kept.up(args);
  await lost.up(args);
  await world.restart({ packageDirectory: undefined });
  expect((await kept.up(args)).operation).toBe("same");
  lost.state = undefined;
  await lost.up(args);
  await world.restart({ newMachine: true });
  lost.state = undefined;
  await lost.up(args);
  expect(lost.outputs["status"]).toBe("FINISH");
  expect(tasks(world)).toHaveLength(2);
  expectLedger(world, { billed: 2, intended: 2 });
});
