import { expect, test } from "vitest";
import { version } from "../../provider/version";
import { manifest } from "./workshop";

test("tells the service the version that package.json has", () => {
  expect(version).toBe(manifest.version);
});
