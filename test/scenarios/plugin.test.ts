import { describe, expect, test } from "vitest";
import { expectBilled, readAll } from "./world";
import { hasYaml, openYaml, pictureType, reference } from "./yaml";

const subAppId = 1500000001;
const picture = (changes: object = {}) => ({
  properties: { subAppId, modelName: "GG", modelVersion: "3.0", prompt: "a lighthouse at dawn", ...changes },
});

if (hasYaml) {
  describe("a YAML program", () => {
    test("bills its picture once: up, up, refresh, an edit in place, a re-roll, destroy", async () => {
      const { emulator, project } = await openYaml();
      project.declare({ hero: picture() }, { url: reference("hero.url") });
      expect(await project.pulumi("preview")).toContain("bills up to 1 image (GG 3.0 × 1)");
      expectBilled(emulator, 0);
      expect(await project.changes("up")).toEqual({ create: 2 });
      const url = (await project.pulumi("stack", "output", "url")).trim();
      expect((await fetch(url)).headers.get("content-type")).toBe("image/png");
      expect(await project.changes("up")).toEqual({ unchanged: 2 });
      expect(await project.changes("refresh")).toEqual({ unchanged: 2 });
      expect(await project.changes("up")).toEqual({ unchanged: 2 });
      expectBilled(emulator, 1);
      project.declare({ hero: picture({ outputConfig: { mediaName: "the lighthouse" } }) });
      const shown = await project.pulumi("preview", "--diff");
      expect(shown).toContain("mediaName");
      expect(shown).not.toContain("generationId");
      expect(await project.changes("up")).toEqual({ unchanged: 1, update: 1 });
      expectBilled(emulator, 1);
      project.declare({ hero: picture({ keepers: { take: 2 } }) });
      expect(await project.changes("up")).toEqual({ unchanged: 1, replace: 1 });
      expectBilled(emulator, 2);
      await project.changes("destroy");
      expectBilled(emulator, 2);
    });

    test("that gives a key in clear has it as ciphertext alone in state", async () => {
      const { emulator, project, home } = await openYaml({
        env: { TENCENTCLOUD_SECRET_ID: "", TENCENTCLOUD_SECRET_KEY: "" },
      });
      const { secretId, secretKey } = emulator;
      const account = { type: "pulumi:providers:tencent-aigc", properties: { secretId, secretKey, subAppId } };
      project.declare({ account, hero: { ...picture(), options: { provider: reference("account") } } });
      expect(await project.changes("up")).toEqual({ create: 3 });
      expect(await project.changes("up")).toEqual({ unchanged: 3 });
      const backend = readAll(`${home}/backend`);
      expect(backend).toContain("hero");
      expect(backend).not.toContain(secretKey);
      expectBilled(emulator, 1);
    });
  });

  describe("pulumi import", () => {
    test("of a picture by its TaskId and by its FileId gives a program that previews as unchanged", async () => {
      const { emulator, project } = await openYaml();
      project.declare({ hero: picture() });
      await project.changes("up");
      const { id = "", outputs = {}, urn } = await project.picture("hero");
      const [file] = outputs["files"] as [{ fileId: string }];
      await project.pulumi("state", "delete", "--yes", urn);
      for (const [name, given] of [
        ["byTask", id],
        ["byFile", `${subAppId}/${file.fileId}`],
      ] as const) {
        project.declare({});
        const text = await project.pulumi("import", "--yes", "--protect=false", pictureType, name, given);
        expect(text).not.toContain("bills up to");
        const { inputs } = await project.picture(name);
        const { generationId: _, ...properties } = inputs ?? {};
        project.declare({ [name]: { properties } });
        expect(await project.changes("preview"), name).toMatchObject({ unchanged: 2 });
        expect(await project.changes("up"), name).toMatchObject({ unchanged: 2 });
        await project.pulumi("state", "delete", "--yes", (await project.picture(name)).urn);
      }
      expectBilled(emulator, 1);
    });

    test("the option `import` takes over a picture; one that does not fit fails the update, unbilled", async () => {
      const { emulator, project } = await openYaml();
      project.declare({ hero: picture() });
      await project.changes("up");
      const { id = "", urn } = await project.picture("hero");
      await project.pulumi("state", "delete", "--yes", urn);
      project.declare({ hero: { ...picture(), options: { import: id } } });
      expect(await project.changes("up")).toEqual({ unchanged: 1, import: 1 });
      project.declare({ hero: picture(), other: { ...picture({ prompt: "another" }), options: { import: id } } });
      const { code, text } = await project.run("up", "--yes", "--skip-preview");
      expect(code).not.toBe(0);
      expect(text).toContain("may not be replaced");
      expectBilled(emulator, 1);
      project.declare({ hero: picture() });
      expect(await project.changes("up")).toEqual({ unchanged: 2, delete: 1 });
      expectBilled(emulator, 1);
    });

    test("of a picture that does not exist says so", async () => {
      const { emulator, project } = await openYaml();
      const { code, text } = await project.run("import", "--yes", pictureType, "none", `${subAppId}-AigcImageTask-0t`);
      expect(code).not.toBe(0);
      expect(text).toContain("does not exist");
      expectBilled(emulator, 0);
    });
  });

  describe("an update that is cut off", () => {
    test("by ^C ends within two seconds with its task in state, and the next one finishes it", async () => {
      const { emulator, project } = await openYaml();
      emulator.fault({ kind: "stuck", seconds: 100_000 });
      project.declare({ hero: picture() });
      const update = project.spawnUp();
      await emulator.waitUntil(() => emulator.ledger().tasks.length === 1);
      const began = performance.now();
      await update.kill("SIGINT");
      const took = performance.now() - began;
      const { id, initErrors } = await project.picture("hero");
      expect(id).toBe(emulator.ledger().tasks[0]?.taskId);
      expect(initErrors?.join()).toContain("when the update was cancelled");
      expect(took).toBeLessThan(2_000);
      emulator.advance(100_001);
      expect(await project.changes("up")).toMatchObject({ update: 1 });
      expect(await project.changes("up")).toEqual({ unchanged: 2 });
      expectBilled(emulator, 1);
    });

    test("by kill -9 leaves no plugin behind, and the next one finishes its task", async () => {
      const { emulator, project } = await openYaml();
      emulator.fault({ kind: "stuck", seconds: 100_000 });
      project.declare({ hero: picture() });
      const update = project.spawnUp();
      await emulator.waitUntil(() => emulator.ledger().tasks.length === 1);
      await update.kill("SIGKILL");
      emulator.advance(100_001);
      await update.hasEnded("pulumi-resource-tencent-aigc");
      await project.pulumi("cancel", "--yes");
      await project.changes("up");
      expect((await project.picture("hero")).id).toBe(emulator.ledger().tasks[0]?.taskId);
      expectBilled(emulator, 1);
    });
  });
}
