import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { read, repository } from "./markdown";

const folder = join(repository, ".github", "workflows");
const workflows = readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));

const workflowSchema = z.object({
  permissions: z.record(z.string(), z.string()),
  jobs: z.record(
    z.string(),
    z.object({
      "timeout-minutes": z.number(),
      strategy: z.object({ matrix: z.record(z.string(), z.array(z.string())) }).optional(),
      steps: z.array(z.object({ uses: z.string().optional(), run: z.string().optional() })),
    }),
  ),
});

test.each(workflows)("$name pins every action by its commit, with the version beside it", ({ text }) => {
  const uses = text.split("\n").filter((line) => line.includes("uses:"));
  expect(uses.length).toBeGreaterThan(0);
  for (const line of uses) expect(line).toMatch(/uses: [\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test.each(workflows)("$name may write nothing but where a job says so, and ends by itself", ({ text }) => {
  const { permissions, jobs } = workflowSchema.parse(parse(text));
  expect(permissions).toEqual({ contents: "read" });
  expect(Object.keys(jobs).length).toBeGreaterThan(0);
});

test.each(workflows)("$name runs scripts that there are", ({ text }) => {
  const { scripts } = JSON.parse(read("package.json"));
  const jobs = Object.values(workflowSchema.parse(parse(text)).jobs);
  const run = jobs.flatMap(({ steps, strategy }) =>
    steps.flatMap(({ run: command = "" }) => {
      const [, name] = /^npm run (.+)$/.exec(command) ?? [];
      return name?.startsWith("${{") ? (strategy?.matrix["suite"] ?? []) : (name ?? []);
    }),
  );
  expect(run.length).toBeGreaterThan(0);
  for (const name of run) expect(scripts, name).toHaveProperty(name);
});
