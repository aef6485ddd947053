import { test } from "vitest";
import type { Command, Setting } from "./commands";
import { replay } from "./explore";

const plain: Setting = { resources: "one", storage: "Permanent", behaviours: {}, concurrency: 100, slots: 1 };

// Sequences that once broke a rule, as short as they could be made.

test.each(["accepted", "returned"] as const)(
  "a retry that was killed (%s) is not sent again days later on another machine",
  async (crash) => {
    await replay({
      setting: plain,
      commands: [
        { do: "up", who: 0, fault: "failsPassing" },
        { do: "up", who: 0, crash },
        { do: "clock", hours: 73 },
        { do: "newMachine" },
        { do: "up", who: 0 },
      ],
    });
  },
);

test("a refresh leaves no picture in state whose files are gone, however often they were deleted", async () => {
  const once: Command[] = [{ do: "deleteFiles", who: 0 }, { do: "refresh" }, { do: "up", who: 0 }];
  await replay({
    setting: plain,
    commands: [{ do: "up", who: 0 }, ...Array.from({ length: 6 }, () => once).flat(), { do: "refresh" }],
  });
});

test("a picture that vanished before anybody saw it is not generated anew without a word", async () => {
  await replay({
    setting: plain,
    commands: [
      { do: "up", who: 0, fault: "taskGatewayError" },
      { do: "deleteFiles", who: 0 },
      { do: "up", who: 0 },
    ],
  });
});

test("an attempt that failed while nobody waited is not repeated without a word", async () => {
  await replay({
    setting: plain,
    commands: [
      { do: "up", who: 0, fault: "failsPassingLater" },
      { do: "clock", hours: 3.1 },
      { do: "up", who: 0 },
      { do: "up", who: 0 },
    ],
  });
});

test("a task that never ran while nobody waited is not sent again without a word", async () => {
  await replay({
    setting: { ...plain, storage: "Temporary", concurrency: 1 },
    commands: [
      { do: "replace", who: 0, fault: "stuck" },
      { do: "editBilled", who: 0 },
      { do: "upBilled", who: 0, fault: "neverRanAlways" },
      { do: "clock", hours: 3.1 },
      { do: "up", who: 0 },
      { do: "up", who: 0 },
    ],
  });
});

test("what a destroy on another machine has seen still running is not sent again at the end of the window", async () => {
  await replay({
    setting: { ...plain, resources: "twins", storage: "Temporary" },
    commands: [
      { do: "up", who: 1, fault: "stuckWithoutTimes" },
      { do: "clock", hours: 71.6 },
      { do: "newMachine" },
      { do: "destroy" },
      { do: "replace", who: 1, fault: "gatewayErrorAlways" },
    ],
  });
});
