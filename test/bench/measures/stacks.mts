import { type Figure, figure, type Measure } from "../figures.mts";
import { Project, withProject } from "../project.mts";
import { withService } from "../service.mts";

const [tasks, taskSeconds, rate, concurrency] = [1200, 3, 20, 100];
const limitSeconds = Math.max(tasks / rate, (tasks * taskSeconds) / concurrency) + taskSeconds;
const config = { maxConcurrentTasks: String(concurrency), requestsPerSecond: String(rate) };

/** Stacks that know nothing of each other, each set to the account's whole quota. A long measure, taken once. */
export const stacks: Measure = {
  name: "stacks",
  async run() {
    const figures: Figure[] = [];
    for (const together of [2, 4, 8]) figures.push(...(await upTogether(together)));
    return figures;
  },
};

function upTogether(together: number): Promise<Figure[]> {
  const each = tasks / together;
  return withService({ taskSeconds, concurrency, submitsPerSecond: rate }, (service) =>
    withProject(new Project(service, each, config), async (project) => {
      const names = Array.from({ length: together }, (_, index) => `stack-${index}`);
      const ran = await Promise.all(names.map((name) => project.runInline("up", "tasks", concurrency, name)));
      const { submits, billedImages, firstSubmitAt } = await service.asked();
      if (billedImages !== tasks) throw new Error(`${together} stacks: ${billedImages} pictures of ${tasks}`);
      const begunAt = Math.min(...ran.map((one) => one.begunAt));
      const endedAt = Math.max(...ran.map((one) => one.begunAt + one.seconds * 1000));
      const which = `${together} stacks of ${each} at once`;
      return [
        figure(`makespan over the limit, ${which}`, (endedAt - begunAt) / 1000 / limitSeconds, "×", 1.15),
        figure(`of it before the first submit, ${which}`, (firstSubmitAt - begunAt) / 1000, "s"),
        figure(`submits a task, ${which}`, submits / tasks, "submits", 1.1),
      ];
    }),
  );
}
