import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { followTask } from "../../../provider/generation/wait";
import type { VodClient } from "../../../provider/vod/client";
import { ApiError } from "../../../provider/vod/errors";
import type { DescribeTaskDetailResponse } from "../../../provider/vod/wire";
import { manualClock } from "../vod/manualClock";

const task = { taskId: "t", subAppId: 1, since: 0 };
const finish = { Status: "FINISH", AigcImageTask: { Output: { FileInfos: [{ FileUrl: "http://h/a.png" }] } } };

/** A client whose tasks answer by the time of day. Only time is made up here; everything else is. */
function following(answer: (now: number) => Partial<DescribeTaskDetailResponse> | Error) {
  const clock = manualClock(0);
  const asked: number[] = [];
  const client = {
    async call() {
      await setImmediate();
      asked.push(clock.time);
      const told = answer(clock.time);
      if (told instanceof Error) throw told;
      return { RequestId: "r", ...told };
    },
  } as unknown as VodClient;
  return { asked, clock, dependencies: { client, clock, now: () => clock.time } };
}

describe("following a task", () => {
  it("asks once more right at the deadline, so that a picture ready by then is not left behind", async () => {
    const { asked, dependencies } = following((now) => (now >= 60_000 ? finish : { Status: "PROCESSING" }));
    const state = await followTask(dependencies, task, 60_000, () => {});
    expect(state.kind).toBe("finished");
    expect(asked.at(-1)).toBe(60_000);
  });

  it("stops at the deadline with what it saw last", async () => {
    const { asked, dependencies } = following(() => ({ Status: "WAITING" }));
    const state = await followTask(dependencies, task, 60_000, () => {});
    expect(state).toMatchObject({ kind: "running", status: "WAITING" });
    expect(asked.at(-1)).toBe(60_000);
  });

  it("asks ever more seldom, and never in a tight loop, whatever status it is told", async () => {
    for (const Status of ["PROCESSING", "BRAND_NEW", ""]) {
      const { asked, clock, dependencies } = following(() => ({ Status }));
      await followTask(dependencies, task, 600_000, () => {});
      expect(asked.length).toBeLessThan(130);
      const waits = clock.slept;
      expect(Math.min(...waits.slice(0, -1))).toBe(250);
      expect(Math.max(...waits)).toBe(10_000);
    }
  });

  it("looks once and no more where the deadline has passed", async () => {
    const { asked, dependencies } = following(() => ({ Status: "PROCESSING" }));
    await followTask(dependencies, task, 0, () => {});
    expect(asked).toHaveLength(1);
  });

  it("gives a fresh task a minute to be known, and no more", async () => {
    const unknown = new ApiError("no such task.", { code: "ResourceNotFound", billed: "no", nextStep: "" });
    const late = following((now) => (now < 30_000 ? unknown : finish));
    expect((await followTask(late.dependencies, task, 600_000, () => {})).kind).toBe("finished");
    const never = following(() => unknown);
    expect((await followTask(never.dependencies, task, 600_000, () => {})).kind).toBe("notFound");
    expect(never.clock.time).toBeLessThan(80_000);
  });

  it("takes a task as ended once it has said so, whatever a lagging replica says later", async () => {
    let ended = false;
    const { dependencies } = following(() => {
      if (ended) return { Status: "PROCESSING" };
      ended = true;
      return finish;
    });
    expect((await followTask(dependencies, task, 60_000, () => {})).kind).toBe("finished");
  });
});
