import { expect, test } from "vitest";
import { formerIds } from "../../../provider/lifecycle/intention";
import { checkedInputs } from "../../../provider/schema/checkedInputs";
import { dynamicType, dynamicUrn, pluginType } from "../../../provider/typeTokens";

const urnOf = (type: string, name: string) => `urn:pulumi:dev::shop::${type}::${name}`;
const scope = urnOf(dynamicType, "hero");

/** Made from a URL that was written as https before texts had one form. */
const written = {
  subAppId: 1,
  modelName: "GG",
  modelVersion: "3.0",
  fileInfos: [{ url: "https://1.vod2.myqcloud.com/style.png" }],
  generationId: "",
};

test("what a dynamic resource was called before texts had one form is looked up by the plugin too", () => {
  const ofDynamic = formerIds(checkedInputs({ ...written, resourceUrn: scope }), { scope });
  expect(ofDynamic).toHaveLength(1);
  const ofPlugin = formerIds(checkedInputs(written), { scope: dynamicUrn(urnOf(pluginType, "hero")) });
  expect(ofPlugin).toEqual(ofDynamic);
});

test("a sessionScope that is a plugin's URN has the former ids of the dynamic resource", () => {
  const scoped = (sessionScope: string) => formerIds(checkedInputs({ ...written, sessionScope }), { scope });
  expect(scoped(urnOf(pluginType, "banner"))).toEqual(scoped(urnOf(dynamicType, "banner")));
});

test("a former URN is looked up in both forms, and today's id is no former one", () => {
  const formerUrns = [urnOf(dynamicType, "banner")];
  expect(formerIds(checkedInputs({ ...written, resourceUrn: scope, formerUrns }), { scope })).toHaveLength(3);
  const { fileInfos: _, ...plain } = written;
  expect(formerIds(checkedInputs({ ...plain, prompt: "a car", resourceUrn: scope }), { scope })).toEqual([]);
});
