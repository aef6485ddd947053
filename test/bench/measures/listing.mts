import { figure, type Measure } from "../figures.mts";
import { Project, withProject } from "../project.mts";
import { withService } from "../service.mts";

const count = 200;
const config = { maxConcurrentTasks: "100", requestsPerSecond: "20" };

/** What a service costs whose listing does not show the tasks. */
export const listing: Measure = {
  name: "listing",
  run: () =>
    withService({ taskSeconds: 3, concurrency: 100, submitsPerSecond: 20 }, async (service) => {
      await fetch(`${service.url}/_emulator/behaviour`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ tasksInListing: false }),
      });
      await withProject(new Project(service, count, config), (project) => project.runInline("up", "tasks", 100));
      return [figure("requests a task, tasks not listed", (await service.asked()).requests / count, "requests")];
    }),
};
