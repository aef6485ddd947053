import { expect, test } from "vitest";
import { pictureFile } from "../../../provider/service/pictureFile";

const url = "https://example.com/a.png";
const fileOf = (metaData: object | null) => pictureFile({ url, metaData });

test("width and height are those of the only frame where the file's own are 0 or absent", () => {
  const VideoStreamSet = [{ Width: 640, Height: 480 }];
  expect(fileOf({ Width: 0, Height: 0, VideoStreamSet })).toEqual([{ url, width: 640, height: 480 }]);
  expect(fileOf({ Width: null, Height: null, VideoStreamSet })).toEqual([{ url, width: 640, height: 480 }]);
});

test("both are taken from one place", () => {
  expect(fileOf({ Width: 1024, Height: 0, VideoStreamSet: [{ Width: 640, Height: 480 }] })).toEqual([
    { url, width: 640, height: 480 },
  ]);
  expect(fileOf({ Width: 1024, Height: 0, VideoStreamSet: [{ Width: 0, Height: 480 }] })).toEqual([{ url }]);
});

test("what nobody tells is absent, and a size of 0 is none", () => {
  for (const metaData of [null, {}, { Size: 0, Width: 0, Height: 0, VideoStreamSet: [] }]) {
    expect(fileOf(metaData)).toEqual([{ url }]);
  }
});
