import { describe, expect, test } from "vitest";
import { nextStepFor } from "../../../provider/vod/nextSteps";
import {
  isLastingReason,
  readRetryAfter,
  retryDelayMs,
  type Trouble,
  troubleOfCode,
} from "../../../provider/vod/retry";
import type { VodAction } from "../../../provider/vod/wire";

function delays(action: VodAction, trouble: Trouble, random: number): number[] {
  const found: number[] = [];
  let elapsedMs = 0;
  for (;;) {
    const delay = retryDelayMs({ action, trouble, retries: found.length, elapsedMs, random });
    if (delay === undefined) {
      return found;
    }
    found.push(delay);
    elapsedMs += delay;
  }
}

describe("retries", () => {
  test.each<[VodAction, Trouble, number, number[]]>([
    ["CreateAigcImageTask", "notConnected", 0, [250, 500, 1000, 2000]],
    ["CreateAigcImageTask", "notConnected", 1, [500, 1000, 2000, 4000]],
    ["CreateAigcImageTask", "throttled", 0, [500, 1000, 2000, 4000, 8000, 8000]],
    ["CreateAigcImageTask", "throttled", 1, [1000, 2000, 4000, 8000, 16000, 16000]],
    ["CreateAigcImageTask", "answerLost", 0, []],
    ["CreateAigcImageTask", "passing", 0, []],
    ["DescribeTaskDetail", "answerLost", 0, [250, 500, 1000, 2000, 4000]],
    ["DescribeTaskDetail", "passing", 1, [500, 1000, 2000, 4000, 8000]],
    ["DescribeTasks", "notConnected", 0.5, [375, 750, 1500, 3000, 6000]],
    ["SearchMedia", "throttled", 0, [500, 1000, 2000, 4000, 8000, 8000, 8000, 8000]],
    ["DescribeMediaInfos", "throttled", 1, [1000, 2000, 4000, 8000, 16000, 16000, 16000, 16000]],
    ["ModifyMediaInfo", "answerLost", 0, [250, 500, 1000, 2000, 4000]],
  ])("of %s when %s, with chance %d, wait %j", (action, trouble, random, expected) => {
    expect(delays(action, trouble, random)).toEqual(expected);
  });

  test("end when the time for them is over, however few there were", () => {
    const tried = { action: "DescribeTasks", trouble: "answerLost", retries: 0, random: 1 } as const;
    expect(retryDelayMs({ ...tried, elapsedMs: 119_500 })).toBe(500);
    expect(retryDelayMs({ ...tried, elapsedMs: 119_501 })).toBeUndefined();
  });

  test.each([
    [0, 500],
    [700, 700],
    [5_900, 5_900],
    [6_000, 6_000],
    [6_001, 6_000],
    [86_400_000, 6_000],
  ])("heed a Retry-After of %d ms within reason: %d ms", (retryAfterMs, expected) => {
    const tried = { action: "DescribeTasks", trouble: "throttled", retries: 0, elapsedMs: 0, random: 0 } as const;
    expect(retryDelayMs({ ...tried, retryAfterMs })).toBe(expected);
  });

  const now = Date.parse("Sun, 22 Nov 2026 12:00:00 GMT");

  test.each([
    ["2", 2000],
    ["0.5", 500],
    ["0", 0],
    ["Sun, 22 Nov 2026 12:00:09 GMT", 9000],
    ["Sun, 22 Nov 2026 11:00:00 GMT", 0],
    ["-5", undefined],
    ["soon", undefined],
    ["", undefined],
    ["1e9", undefined],
    ["99999999999999999999", undefined],
    ["NaN", undefined],
    ["GMT", undefined],
    [undefined, undefined],
  ])("read Retry-After %j as %j ms", (header, expected) => {
    expect(readRetryAfter(header, now)).toBe(expected);
  });

  test.each([
    ["RequestLimitExceeded", "throttled"],
    ["RequestLimitExceeded.UinLimitExceeded", "throttled"],
    ["RequestLimitExceeded.IPLimitExceeded", "throttled"],
    ["RequestLimitExceededX", undefined],
    ["InternalError", "passing"],
    ["InternalError.DBError", "passing"],
    ["ServiceUnavailable", "passing"],
    ["ResourceBusy", "passing"],
    ["LimitExceeded.Quota", undefined],
    ["FailedOperation", undefined],
    ["FailedOperation.NetWorkError", "passing"],
    ["ResourceNotFound", undefined],
    ["AuthFailure.SignatureFailure", undefined],
    ["InvalidParameterValue.SessionId", undefined],
  ])("take the code %s as %s", (code, trouble) => {
    expect(troubleOfCode(code)).toBe(trouble);
  });

  test.each([
    ["ECONNREFUSED", false],
    ["ENOTFOUND", false],
    ["connect timeout", false],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", true],
    ["SELF_SIGNED_CERT_IN_CHAIN", true],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", true],
    ["CERT_HAS_EXPIRED", true],
    ["ERR_TLS_CERT_ALTNAME_INVALID", true],
  ])("know whether no connection for %s is for good: %s", (reason, lasting) => {
    expect(isLastingReason(reason)).toBe(lasting);
  });
});

describe("the next step", () => {
  test("is found for a code, else for the family it is under", () => {
    const step = (code: string) => nextStepFor("DescribeTasks", code, undefined);
    expect(step("LimitExceeded.Quota")).toContain("quota");
    expect(step("LimitExceeded.Other")).toBe(step("LimitExceeded"));
    expect(step("AuthFailure.Other.Deeper")).toBe(step("AuthFailure"));
    expect(step("Whatever")).toContain("RequestId");
    expect(step("constructor")).toBe(step("Whatever"));
  });

  test.each(["AuthFailure", "AuthFailure.SignatureExpire", "AuthFailure.TokenFailure", "AuthFailure.SecretIdNotFound"])(
    "after %s says which config refresh and destroy use",
    (code) => {
      expect(nextStepFor("DescribeTasks", code, undefined)).toMatch(
        /`pulumi refresh` and `pulumi destroy` still use the config of the last `pulumi up`/,
      );
    },
  );

  test("after an InternalError of a submit warns of a second bill", () => {
    expect(nextStepFor("CreateAigcImageTask", "InternalError", "s")).toContain("may have been accepted");
    expect(nextStepFor("CreateAigcImageTask", "InternalError", undefined)).toContain("carried no SessionId");
    expect(nextStepFor("DescribeTasks", "InternalError", undefined)).not.toContain("may have been accepted");
  });
});
