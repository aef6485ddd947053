import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { example } from "./ci";

const texts = z.record(z.string(), z.coerce.string());
const step = z.strictObject({
  name: z.string().optional(),
  uses: z.string().optional(),
  with: texts.optional(),
  run: z.string().optional(),
  if: z.string().optional(),
  env: texts.optional(),
});
const job = z.strictObject({
  if: z.string(),
  "runs-on": z.string(),
  permissions: texts,
  concurrency: z.strictObject({ group: z.string(), "cancel-in-progress": z.boolean() }).optional(),
  steps: z.array(step.refine(({ uses, run }) => (uses === undefined) !== (run === undefined), "either uses or run")),
});
const schema = z.strictObject({
  name: z.string(),
  on: z.strictObject({ pull_request: z.null(), push: z.strictObject({ branches: z.array(z.string()) }) }),
  permissions: texts,
  env: texts,
  jobs: z.strictObject({ preview: job, up: job }),
});

/** The example's workflow, of whose keys each is one that GitHub Actions has. */
export const workflow = schema.parse(
  parse(readFileSync(join(example, ".github", "workflows", "pictures.yml"), "utf8"), { version: "1.2", strict: true }),
);

/** @throws where there is no such step, or where it runs nothing */
export function stepNamed(job: keyof typeof workflow.jobs, name: string) {
  const found = workflow.jobs[job].steps.find((one) => one.name === name);
  if (found?.run === undefined) throw new Error(`job ${job} has no step ${name} that runs something`);
  return { ...found, run: found.run };
}
