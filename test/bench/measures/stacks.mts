import { type Figure, figure, type Measure, Samples } from "../figures.mts";
import { Project, withProject } from "../project.mts";
import { withService } from "../service.mts";

const [taskSeconds, rate, concurrency] = [3, 20, 100];
const tasksOfAStack = 150;
const config = { maxConcurrentTasks: String(concurrency), requestsPerSecond: String(rate) };
/** Each is long and has many refusals in it. */
const mostRepetitions = 2;

/** Stacks in parallel that know nothing of each other, each set to the account's whole quota. */
export const stacks: Measure = {
  name: "stacks",
  async run(repetitions) {
    const figures: Figure[] = [];
    for (const together of [2, 4, 8]) {
      const samples = new Samples<"over the limit" | "submits a task">();
      for (let round = 0; round < Math.min(repetitions, mostRepetitions); round++) {
        const { overLimit, submitsATask } = await upTogether(together);
        samples.add("over the limit", overLimit);
        samples.add("submits a task", submitsATask);
      }
      const which = `${together} stacks of ${tasksOfAStack} at once`;
      figures.push(
        figure(`makespan over the limit, ${which}`, samples.median("over the limit"), "×", 1.15),
        figure(`submits a task, ${which}`, samples.median("submits a task"), "submits", 1.1),
      );
    }
    return figures;
  },
};

function upTogether(together: number) {
  const tasks = together * tasksOfAStack;
  const limitSeconds = Math.max(tasks / rate, (tasks * taskSeconds) / concurrency) + taskSeconds;
  return withService({ taskSeconds, concurrency, submitsPerSecond: rate }, (service) =>
    withProject(new Project(service, tasksOfAStack, config), async (project) => {
      const names = Array.from({ length: together }, (_, index) => `stack-${index}`);
      const ran = await Promise.all(names.map((name) => project.runInline("up", "tasks", concurrency, name)));
      const { submits, billedImages } = await service.asked();
      if (billedImages !== tasks) throw new Error(`${together} stacks: ${billedImages} pictures of ${tasks}`);
      const begun = Math.min(...ran.map(({ begunAt }) => begunAt));
      const ended = Math.max(...ran.map(({ begunAt, seconds }) => begunAt + seconds * 1000));
      return { overLimit: (ended - begun) / 1000 / limitSeconds, submitsATask: submits / tasks };
    }),
  );
}
