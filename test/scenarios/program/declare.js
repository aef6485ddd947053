// Declares what `declared.json` lists, so that a scenario can change its program between steps.
const fs = require("node:fs");
const path = require("node:path");
const pulumi = require("@pulumi/pulumi");
const { AigcImageTask } = require("pulumi-tencent-aigc");

/** @returns what the stack has as its outputs */
module.exports = (folder) => {
  const declared = JSON.parse(fs.readFileSync(path.join(folder, "declared.json"), "utf8"));
  const components = new Map();
  const tasks = new Map();

  function componentOf(name) {
    if (name === undefined) return undefined;
    if (!components.has(name)) components.set(name, new pulumi.ComponentResource("scenario:index:Gallery", name));
    return components.get(name);
  }

  /**
   * `{"secret": x}` is a secret, `{"urlOf": name}` another task's URL, `{"output": [name, ...keys]}` what lies there in
   * its outputs, `{"text": [...]}` a text of such parts, and `{"file": path}` a FileAsset.
   */
  function resolved(value) {
    if (Array.isArray(value)) return value.map(resolved);
    if (value === null || typeof value !== "object") return value;
    if ("secret" in value) return pulumi.secret(resolved(value.secret));
    if ("file" in value) return new pulumi.asset.FileAsset(value.file);
    if ("urlOf" in value) return tasks.get(value.urlOf).url;
    if ("output" in value) return value.output.slice(1).reduce((from, key) => from[key], tasks.get(value.output[0]));
    if ("text" in value) return pulumi.interpolate(["", ...value.text.map(() => "")], ...value.text.map(resolved));
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolved(item)]));
  }

  for (const { name, args, component, options = {} } of declared) {
    const parent = componentOf(component);
    tasks.set(name, new AigcImageTask(name, resolved(args), { ...options, ...(parent ? { parent } : {}) }));
  }
  return Object.fromEntries(
    [...tasks].map(([name, { taskId, url, status, urn }]) => [name, { taskId, url, status, urn }]),
  );
};
