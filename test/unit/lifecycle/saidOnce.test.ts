import { expect, test } from "vitest";
import { SaidOnce } from "../../../provider/lifecycle/saidOnce";

const type = "pulumi-nodejs:dynamic/tencent-aigc:AigcImageTask";
const urn = (name: string, parents = "") => `urn:pulumi:dev::shop::${parents}${type}::${name}`;

test("what concerns all is told in full at the first, which the others name", () => {
  const said = new SaidOnce();
  expect([urn("hero"), urn("bus")].map((each) => said.repeated("a wrong key", each))).toEqual([
    undefined,
    { first: "hero" },
  ]);
  expect(said.repeated("another cause", urn("bus"))).toBeUndefined();
});

test("two resources whose names end alike are two, and one whose name has `::` is named whole", () => {
  const said = new SaidOnce();
  expect([urn("shop::hero"), urn("blog::hero"), urn("hero")].map((each) => said.repeated("a wrong key", each))).toEqual(
    [undefined, { first: "shop::hero" }, { first: "shop::hero" }],
  );
});

test("two resources of one name, of components of two types, are two", () => {
  const said = new SaidOnce();
  const both = [urn("picture", "shop:index:Card$"), urn("picture", "shop:index:Banner$")];
  expect(both.map((each) => said.repeated("a wrong key", each))).toEqual([undefined, { first: "picture" }]);
});

test("the same resource a second time is another operation, and is told in full again", () => {
  const said = new SaidOnce();
  expect([urn("hero"), urn("hero")].map((each) => said.repeated("a wrong key", each))).toEqual([undefined, undefined]);
});
