import { mkdirSync } from "node:fs";
import { Project, withProject } from "./project.mts";
import { withService } from "./service.mts";
const [program, count, dir, cpu] = process.argv.slice(2) as [any, string, string, string];
mkdirSync(dir, { recursive: true });
await withService({ taskSeconds: 0.5 }, s => withProject(new Project(s, Number(count)), async project => {
  Object.assign(project.env, { PROF_DIR: dir, NODE_OPTIONS: "--require /tmp/prof/hook.cjs", ...(cpu ? { PROF_CPU: "1" } : {}) });
  const ran = await project.runInline("up", program, 100); const a = await s.asked();
  console.log("BEGUN", ran.begunAt, "first", (program==="empty" ? project.firstCreateAt() : a.firstSubmitAt)-ran.begunAt, "seconds", ran.seconds);
}));
