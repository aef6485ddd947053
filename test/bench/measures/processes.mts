import { type Figure, figure, type Measure, Samples } from "../figures.mts";
import { type Served, startHost } from "../host.mts";
import { Project, withProject } from "../project.mts";
import { type Service, withService } from "../service.mts";

const lanes = 100;
const [few, many] = [1000, 10_000];

/** The provider's process: how soon it answers, how much it computes, and how much memory it takes. */
export const processes: Measure = {
  name: "processes",
  async run(repetitions) {
    return withService({}, async (idle) => {
      const first = new Samples<Served>();
      for (let round = 0; round < repetitions; round++)
        for (const served of ["dynamic provider", "plugin", "empty provider"] as const)
          first.add(served, await withHost(idle, served, (host) => host.firstCheck()));
      const empty = await taken("empty provider", few);
      const figures: Figure[] = [
        figure(
          "first check over the host with an empty provider",
          first.median("dynamic provider") / first.median("empty provider"),
          "×",
          1.3,
        ),
        figure("CPU time a resource of an empty provider", empty.cpu, "ms"),
      ];
      for (const served of ["dynamic provider", "plugin"] as const) {
        const small = await taken(served, few);
        const large = await taken(served, many);
        figures.push(
          figure(`first check, ${served}`, first.median(served) / 1000, "s"),
          figure(`CPU time a picture, ${served}`, large.cpu, "ms", 3),
          figure(`peak memory at 10,000 pictures, ${served}`, large.memory / 2 ** 20, "MB", 512),
          figure(`peak memory at 10,000 pictures over 1,000, ${served}`, large.memory / small.memory, "×", 2),
        );
      }
      return figures;
    });
  },
};

type Host = Awaited<ReturnType<typeof startHost>>;

function withHost<T>(service: Service, served: Served, use: (host: Host) => Promise<T>): Promise<T> {
  return withProject(new Project(service, 0), async ({ workDir, env }) => {
    const host = await startHost(workDir, env, served);
    try {
      return await use(host);
    } finally {
      await host.stop();
    }
  });
}

/** What so many creates take, the start of the process included, at a service that knows none of the pictures. */
function taken(served: Served, count: number): Promise<{ cpu: number; memory: number }> {
  return withService({}, (service) =>
    withHost(service, served, async (host) => {
      await host.createAll(count, lanes);
      return { cpu: host.cpuTime() / count, memory: host.peakMemory() };
    }),
  );
}
