import { expect, onTestFinished, test } from "vitest";
import { startEmulator } from "../../emulator";
import { expectBilled } from "./world";
import { hasYaml, openYaml, reference } from "./yaml";

const hero = { modelName: "GG", modelVersion: "3.0", prompt: "a lighthouse at dawn" };

if (hasYaml) {
  test("two accounts in one program: each makes its own picture, with one guard and one bill for both", async () => {
    const { emulator: one, project } = await openYaml();
    const two = await startEmulator({ taskSeconds: 0.1 });
    onTestFinished(() => two.close());
    const account = (emulator: typeof one, subAppId: number) => ({
      type: "pulumi:providers:tencent-aigc",
      properties: {
        endpoint: emulator.url,
        secretId: emulator.secretId,
        secretKey: emulator.secretKey,
        subAppId,
        maxImagesPerUpdate: 2,
      },
    });
    // The same intention in both: scope, request and keepers.
    const shared = (provider: string, keepers = {}) => ({
      properties: { ...hero, sessionScope: "catalogue", keepers },
      options: { provider: reference(provider) },
    });
    const accounts = { mine: account(one, 1500000001), theirs: account(two, 1500000002) };
    project.declare({
      ...accounts,
      a: shared("mine"),
      b: shared("theirs", { take: 2 }),
      c: shared("theirs", { take: 3 }),
    });
    const refused = await project.run("preview");
    expect(refused.code).not.toBe(0);
    expect(refused.text).toContain("would be image 3 of this update, and tencent-aigc:maxImagesPerUpdate allows 2");

    project.declare({ ...accounts, a: shared("mine"), b: shared("theirs") });
    expect(await project.pulumi("preview")).toContain("bills up to");
    const text = await project.pulumi("up", "--yes", "--skip-preview");
    expect(text.match(/billed \d+ images?/g)?.at(-1)).toBe("billed 2 images");
    expect(await project.changes("up")).toEqual({ unchanged: 5 });
    for (const [name, emulator] of [
      ["a", one],
      ["b", two],
    ] as const) {
      expectBilled(emulator, 1);
      const { id } = await project.picture(name);
      expect(id).toBe(emulator.ledger().tasks[0]?.taskId);
    }
    expect(await project.changes("refresh")).toEqual({ unchanged: 5 });
    await project.changes("destroy");
    // What each has is found again in its own account.
    expect(await project.changes("up")).toEqual({ create: 5 });
    for (const emulator of [one, two]) expectBilled(emulator, 1);
  });
}
