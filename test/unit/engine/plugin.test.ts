import { afterEach, beforeEach, expect, test } from "vitest";
import { connectProvider } from "../../../engine/grpcProvider";
import { ProviderGoneError } from "../../../engine/providerPort";
import { makeSecret } from "../../../engine/values";
import { type Plugin, startPlugin } from "./support/plugin";
import { TestProject } from "./support/programs";

let plugin: Plugin;
let project: TestProject;

beforeEach(async () => {
  plugin = await startPlugin();
  project = new TestProject(`
    const picture = new pulumi.CustomResource("pictures:index:Picture", "a", { prompt: pulumi.secret("hush-hush"), size: undefined });
    exports.size = picture.size;
  `);
});

afterEach(() => {
  plugin.stop();
  project.remove();
});

const stack = () => project.stack({ providers: { pictures: plugin.address } });
const methods = () => plugin.calls.map(({ method }) => method);

test("a plugin is configured with its own namespace, and sees previews and marked secrets", async () => {
  const pictures = await stack();
  await pictures.setConfig("pictures:quality", { value: "high" });
  await pictures.setConfig("other:quality", { value: "low" });
  await pictures.preview();
  const prompt = makeSecret("hush-hush");
  expect(plugin.calls).toEqual([
    { method: "configure", properties: { quality: "high" } },
    { method: "check", properties: { prompt } },
    { method: "create", properties: { prompt }, preview: true },
    { method: "cancel" },
  ]);
  const { outputs } = await pictures.up();
  expect(outputs["size"]).toEqual({ value: 7, secret: false });
  const { resources = [] } = (await pictures.exportStack()).deployment;
  expect(resources.at(-1)).toMatchObject({ id: "picture-1", outputs: { size: 7 } });
  expect(JSON.stringify(resources)).not.toContain("hush-hush");
});

test("a plugin is told of the end of every operation, by Cancel", async () => {
  const pictures = await stack();
  await pictures.up();
  expect(methods()).toEqual(["configure", "check", "create", "cancel"]);
  await pictures.destroy();
  expect(methods().slice(4)).toEqual(["configure", "delete", "cancel"]);
});

test("a plugin is told at once of an interruption, by Cancel, and what runs is kept", async () => {
  let finish = () => {};
  plugin.creating = new Promise((resolve) => {
    finish = resolve;
  });
  const pictures = await stack();
  const up = pictures.up();
  const rejected = expect(up).rejects.toThrow("update canceled");
  await expect.poll(methods, { timeout: 20_000 }).toContain("create");
  await pictures.cancel();
  expect(methods()).toEqual(["configure", "check", "create", "cancel"]);
  finish();
  await rejected;
  expect(methods().slice(4)).toEqual(["cancel"]);
  const { resources = [] } = (await pictures.exportStack()).deployment;
  expect(resources.at(-1)).toMatchObject({ id: "picture-1" });
});

test("a Cancel that is not answered is given up after a time", async () => {
  plugin.cancelling = new Promise(() => {});
  const provider = connectProvider(plugin.address, { cancelLimit: 50 });
  await expect(provider.cancel()).rejects.toThrow(/deadline/i);
  await provider.close();
});

test("a plugin whose process has ended is told from one that refuses", async () => {
  const provider = connectProvider(plugin.address);
  plugin.stop();
  await expect(provider.cancel()).rejects.toThrow(ProviderGoneError);
  await provider.close();
});
