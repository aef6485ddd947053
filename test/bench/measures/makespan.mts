import { type Figure, figure, type Measure, Samples } from "../figures.mts";
import { Project, type Ran, runScript, withProject } from "../project.mts";
import { type Service, withService } from "../service.mts";

const [count, taskSeconds, rate, concurrency] = [500, 3, 20, 100];
const limitSeconds = Math.max(count / rate, (count * taskSeconds) / concurrency) + taskSeconds;
const config = { maxConcurrentTasks: String(concurrency), requestsPerSecond: String(rate) };

const inline = (program: "tasks" | "pluginTasks" | "closure") => (service: Service) =>
  withProject(new Project(service, count, config), (project) => project.runInline("up", program, concurrency));

const ways = {
  "dynamic provider": inline("tasks"),
  plugin: inline("pluginTasks"),
  "plugin, YAML program": (service: Service) =>
    withProject(new Project(service, count, config), (project) => project.runYaml(concurrency)),
  "closure-style provider": inline("closure"),
  "plain script": (service: Service) => runScript(count, concurrency, service),
} satisfies Record<string, (service: Service) => Promise<Ran>>;

type Way = keyof typeof ways;

const goals: Partial<Record<Way, number>> = { "dynamic provider": 1.12, plugin: 1.1 };

/** 500 tasks of 3 s at a service that takes 20 a second and runs 100 at once. */
export const makespan: Measure = {
  name: "makespan",
  async run(repetitions) {
    const names = Object.keys(ways) as Way[];
    const seconds = new Samples<Way>();
    const firstSubmits = new Samples<Way>();
    const requests = new Samples<Way>();
    for (let round = 0; round < repetitions; round++) {
      for (const name of names) {
        await withService({ taskSeconds, concurrency, submitsPerSecond: rate }, async (service) => {
          const ran = await ways[name](service);
          const asked = await service.asked();
          if (asked.billedImages !== count) throw new Error(`${name}: ${asked.billedImages} pictures of ${count}`);
          seconds.add(name, ran.seconds);
          firstSubmits.add(name, (asked.firstSubmitAt - ran.begunAt) / 1000);
          requests.add(name, asked.requests / count);
        });
      }
    }
    return names.flatMap((name): Figure[] => [
      figure(`makespan over the limit, ${name}`, seconds.median(name) / limitSeconds, "×", goals[name]),
      figure(`of it before the first submit, ${name}`, firstSubmits.median(name), "s"),
      figure(`requests a task, ${name}`, requests.median(name), "requests", name in goals ? 2.4 : undefined),
    ]);
  },
};
