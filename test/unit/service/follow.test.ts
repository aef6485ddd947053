import { setImmediate } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Behaviours, startEmulator } from "../../../emulator";
import { TaskFollower } from "../../../provider/service/follow";
import type { TaskReport } from "../../../provider/service/task";
import { createVodClient, type VodClient } from "../../../provider/vod/client";
import { systemClock } from "../../../provider/vod/clock";
import { type Endpoint, parseEndpoint } from "../../../provider/vod/endpoint";
import { ApiError } from "../../../provider/vod/errors";
import type { DescribeTaskDetailResponse } from "../../../provider/vod/wire";
import { manualClock } from "../vod/manualClock";

const task = { taskId: "t", since: 0 };
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
  const { signal: cancelled } = new AbortController();
  const follower = new TaskFollower({ client, clock, now: () => clock.time, cancelled }, 1);
  const follow = (deadline: number, onReport: (report: TaskReport) => void = () => {}) =>
    follower.follow(task, deadline, onReport);
  return { asked, clock, follow };
}

describe("following a task", () => {
  test("asks once more right at the deadline, so that a picture ready by then is not left behind", async () => {
    const { asked, follow } = following((now) => (now >= 60_000 ? finish : { Status: "PROCESSING" }));
    const state = await follow(60_000);
    expect(state.kind).toBe("finished");
    expect(asked.at(-1)).toBe(60_000);
  });

  test("stops at the deadline with what it saw last", async () => {
    const { asked, follow } = following(() => ({ Status: "WAITING" }));
    const state = await follow(60_000);
    expect(state).toMatchObject({ kind: "running", status: "WAITING" });
    expect(asked.at(-1)).toBe(60_000);
  });

  test("asks ever more seldom, and never in a tight loop, whatever status it is told", async () => {
    for (const Status of ["PROCESSING", "BRAND_NEW", ""]) {
      const { asked, clock, follow } = following(() => ({ Status }));
      await follow(600_000);
      expect(asked.length).toBeLessThan(130);
      const waits = clock.slept;
      expect(Math.min(...waits.slice(0, -1))).toBe(250);
      expect(Math.max(...waits)).toBeCloseTo(10_000);
    }
  });

  test("looks once and no more where the deadline has passed", async () => {
    const { asked, follow } = following(() => ({ Status: "PROCESSING" }));
    await follow(0);
    expect(asked).toHaveLength(1);
  });

  test("gives a fresh task a minute to be known, and no more", async () => {
    const unknown = new ApiError("no such task.", { code: "ResourceNotFound", billed: "no", nextStep: "" });
    const late = following((now) => (now < 30_000 ? unknown : finish));
    expect((await late.follow(600_000)).kind).toBe("finished");
    const never = following(() => unknown);
    expect((await never.follow(600_000)).kind).toBe("noSuchTask");
    expect(never.clock.time).toBeLessThan(80_000);
  });

  test("takes a task as ended once it has said so, whatever a lagging replica says later", async () => {
    let ended = false;
    const { follow } = following(() => {
      if (ended) return { Status: "PROCESSING" };
      ended = true;
      return finish;
    });
    expect((await follow(60_000)).kind).toBe("finished");
  });
});

describe("following many tasks", () => {
  async function following60(behaviour: Partial<Behaviours>) {
    const emulator = await startEmulator({
      taskSeconds: 2,
      concurrency: 100,
      submitsPerSecond: 1e6,
      readsPerSecond: 1e6,
    });
    onTestFinished(() => emulator.close());
    emulator.behaviour(behaviour);
    const { secretId, secretKey } = emulator;
    const client = createVodClient({
      endpoint: parseEndpoint(emulator.url, {}) as Endpoint,
      credentials: async () => ({ secretId, secretKey }),
      requestsPerSecond: 1000,
    });
    onTestFinished(() => client.close());
    const now = () => client.serviceNow() ?? Date.now();
    const { signal: cancelled } = new AbortController();
    const follower = new TaskFollower({ client, clock: systemClock, now, cancelled }, 1);
    const states = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const request = { SubAppId: 1, ModelName: "GG", ModelVersion: "3.0", Prompt: `picture ${index}` };
        const { TaskId } = await client.call("CreateAigcImageTask", request);
        const followed = { taskId: TaskId as string, since: client.serviceNow() ?? 0 };
        return follower.follow(followed, Number.POSITIVE_INFINITY, () => {});
      }),
    );
    expect(states.map(({ kind }) => kind)).toEqual(Array(60).fill("finished"));
    expect(emulator.ledger().billed).toBe(60);
    return emulator.ledger().requests;
  }

  test("pages through the listing, and asks for each task once, when it has ended", async () => {
    const { DescribeTaskDetail = 0, DescribeTasks = 0 } = await following60({});
    expect(DescribeTaskDetail).toBe(60);
    expect(DescribeTasks).toBeLessThan(12);
  });

  test("asks for each by itself where the listing does not show them", async () => {
    const { DescribeTaskDetail = 0, DescribeTasks = 0 } = await following60({ tasksInListing: false });
    expect(DescribeTaskDetail).toBeGreaterThanOrEqual(60);
    expect(DescribeTasks).toBeLessThan(12);
  });
});
