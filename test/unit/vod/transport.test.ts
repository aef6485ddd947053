import type { Dispatcher } from "undici";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../../provider/vod/clock";
import { defaultTimeouts, exchange } from "../../../provider/vod/transport";

/** A dispatcher that plays a story to the handler, and keeps what was aborted. */
function dispatcherOf(
  story: (handler: Dispatcher.DispatchHandler, start: () => Dispatcher.DispatchController) => void,
) {
  const aborted: boolean[] = [];
  const dispatch: Dispatcher["dispatch"] = (_, handler) => {
    story(handler, () => {
      const place = aborted.push(false) - 1;
      const controller = { abort: () => (aborted[place] = true) } as unknown as Dispatcher.DispatchController;
      handler.onRequestStart?.(controller, {});
      return controller;
    });
    return true;
  };
  return { aborted, dispatcher: { dispatch } as Dispatcher };
}

const request = { origin: "https://example.com", headers: {}, body: Buffer.from("{}"), timeouts: defaultTimeouts };

describe("an exchange", () => {
  test("stops a request that would be written a second time, and counts it as sent", async () => {
    const { aborted, dispatcher } = dispatcherOf((_, start) => {
      start();
      start();
    });
    expect(await exchange(dispatcher, request)).toEqual({ kind: "lost", reason: "ECONNRESET" });
    expect(aborted).toEqual([true, true]);
  });

  test("counts an error before the first byte as not sent, one after it as lost", async () => {
    const failure = Object.assign(new Error("text that is not shown"), { code: "EPIPE" });
    const before = dispatcherOf((handler) => handler.onResponseError?.(undefined as never, failure));
    expect(await exchange(before.dispatcher, request)).toEqual({ kind: "notSent", reason: "EPIPE" });
    const after = dispatcherOf((handler, start) => handler.onResponseError?.(start(), failure));
    expect(await exchange(after.dispatcher, request)).toEqual({ kind: "lost", reason: "EPIPE" });
  });

  test("reads the last status where informational ones came before", async () => {
    const { dispatcher } = dispatcherOf((handler, start) => {
      const controller = start();
      handler.onResponseStart?.(controller, 103, {});
      handler.onResponseStart?.(controller, 200, { date: "d" });
      handler.onResponseData?.(controller, Buffer.from("{}"));
      handler.onResponseEnd?.(controller, {});
    });
    expect(await exchange(dispatcher, request)).toMatchObject({
      kind: "answered",
      status: 200,
      headers: { date: "d" },
    });
  });

  test("never writes what was aborted before it began", async () => {
    const aborting = new AbortController();
    let start: (() => unknown) | undefined;
    const { aborted, dispatcher } = dispatcherOf((_, begin) => {
      start = begin;
    });
    const outcome = exchange(dispatcher, request, aborting.signal);
    aborting.abort();
    expect(await outcome).toEqual({ kind: "notSent", reason: "aborted" });
    start?.();
    expect(aborted).toEqual([true]);
  });
});

describe("the system's clock", () => {
  test("wakes early with the signal's reason when aborted", async () => {
    const aborting = new AbortController();
    const sleeping = systemClock.sleep(2 ** 40, aborting.signal);
    aborting.abort(new Error("enough"));
    await expect(sleeping).rejects.toThrow("enough");
    await systemClock.sleep(-5);
  });
});
