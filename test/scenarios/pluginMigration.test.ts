import { join } from "node:path";
import { expect, test } from "vitest";
import { expectBilled, openWorld, type StateResource } from "./world";
import { hasYaml, pictureType, reference, YamlProject } from "./yaml";

const dynamicType = "pulumi-nodejs:dynamic/tencent-aigc:AigcImageTask";
const subAppId = 1500000001;
const hero = { subAppId, modelName: "GG", modelVersion: "3.0", prompt: "a lighthouse at dawn" };
const edit = { subAppId, modelName: "GG", modelVersion: "3.0", prompt: "the same at night" };
const aliasOf = (name: string) => ({ aliases: [`urn:pulumi:dev::scenario::${dynamicType}::${name}`] });

interface Deployment {
  readonly deployment: { readonly resources: StateResource[] };
}

/** As 0.1.0 has written it: the pictures under `files` alone. */
function withoutUrls(state: Deployment): Deployment {
  const resources = state.deployment.resources.map((resource) => {
    const { url: _, fileUrls: __, ...outputs } = resource.outputs ?? {};
    return resource.type === dynamicType ? { ...resource, outputs } : resource;
  });
  return { ...state, deployment: { ...state.deployment, resources } };
}

if (hasYaml) {
  test.each([
    ["of today", (state: Deployment) => state],
    ["of 0.1.0, which stored no `url`", withoutUrls],
  ])(
    "dynamic state %s goes on with the plugin, unbilled, what is made from a picture included, and back",
    async (_, stored) => {
      const world = await openWorld("the Pulumi CLI");
      const { emulator } = world;
      const declared = [
        { name: "hero", args: hero },
        { name: "edit", args: { ...edit, fileInfos: [{ url: { urlOf: "hero" } }] } },
      ];
      world.declare(...declared);
      await world.up();
      expectBilled(emulator, 2);
      const state = (await world.exportStack()) as unknown as Deployment;
      await world.importStack(stored(state));

      const project = YamlProject.open(join(world.folder, "yaml"), world.env);
      await project.pulumi("stack", "select", "dev");
      project.declare({
        hero: { properties: hero, options: aliasOf("hero") },
        edit: { properties: { ...edit, fileInfos: [{ url: reference("hero.url") }] }, options: aliasOf("edit") },
      });
      const preview = await project.pulumi("preview");
      expect(preview).not.toContain("replace");
      expect(preview).not.toContain("bills up to");
      expect(await project.changes("up")).not.toHaveProperty("replace");
      expectBilled(emulator, 2);
      expect(await project.changes("up")).toEqual({ unchanged: 3 });
      expect(await project.changes("refresh")).toEqual({ unchanged: 3 });
      for (const name of ["hero", "edit"]) {
        const { type, inputs, outputs = {}, id } = await project.picture(name);
        expect(type).not.toBe(dynamicType);
        expect(inputs).not.toHaveProperty("__provider");
        expect(outputs).not.toHaveProperty("__provider");
        expect(outputs["url"]).toMatch(/^http/);
        expect(emulator.ledger().tasks.map(({ taskId }) => taskId)).toContain(id);
      }
      expectBilled(emulator, 2);

      // The way back.
      const aliases = [{ type: pictureType }];
      world.declare(...declared.map((resource) => ({ ...resource, options: { aliases } })));
      expect((await world.up()).changes).toMatchObject({ update: 2 });
      world.declare(...declared);
      expect((await world.up()).changes).toEqual({ same: 3 });
      expect((await world.refresh()).changes).toEqual({ same: 3 });
      for (const { type, outputs } of await world.resources()) {
        expect(type).toBe(dynamicType);
        expect(outputs).toHaveProperty("__provider");
      }
      expectBilled(emulator, 2);
    },
  );
}
