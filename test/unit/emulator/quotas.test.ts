import { expect, test } from "vitest";
import { create, emulator, read, refusal, start } from "./frozenEmulator";
import { subAppId } from "./stranger";

const image = { SubAppId: subAppId, QuotaType: "Image" };

test("without a quota the list of quotas is empty", async () => {
  await start();
  expect(await read("DescribeAigcQuotas", image)).toMatchObject({ QuotaSet: [], TotalCount: 0 });
});

test("a quota tells its limit and what was used of it, and refuses a submit once it is used up", async () => {
  await start({ imageQuota: 1 });
  const used = async () => (await read("DescribeAigcQuotas", image)).QuotaSet;
  expect(await used()).toEqual([{ QuotaType: "Image", QuotaLimit: 1, Usage: 0 }]);
  await create({ SessionId: "one" });
  emulator.advance(10);
  expect(await used()).toEqual([{ QuotaType: "Image", QuotaLimit: 1, Usage: 1 }]);
  expect(await read("DescribeAigcQuotas", { ...image, SubAppId: 5 })).toMatchObject({ QuotaSet: [{ Usage: 0 }] });
  expect(await read("DescribeAigcQuotas", { ...image, QuotaType: "Video" })).toMatchObject({ QuotaSet: [] });
  expect(await refusal({ SessionId: "two" })).toBe("LimitExceeded.Quota");
  expect(emulator.ledger().billed).toBe(1);
});

test.each([
  [{ QuotaType: "Image" }, "InvalidParameterValue.SubAppId"],
  [{ SubAppId: subAppId }, "MissingParameter"],
  [{ SubAppId: subAppId, QuotaType: "Audio" }, "InvalidParameterValue"],
  [{ ...image, Limit: 0 }, "InvalidParameterValue"],
  [{ ...image, Limit: 101 }, "InvalidParameterValue"],
  [{ ...image, Offset: -1 }, "InvalidParameterValue"],
])("refuses %j with %s", async (request, code) => {
  await start();
  expect((await read("DescribeAigcQuotas", request)).Error.Code).toBe(code);
});
