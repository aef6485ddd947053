import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exponent, type Figure, figure, type Measure, median, Samples } from "../figures.mts";
import { type Operation, Project, type StateResource, withProject } from "../project.mts";
import { type Service, withService } from "../service.mts";

const parallel = 100;
const small = [100, 300] as const;
const large = 1000;
const counts = [...small, large] as const;
type Count = (typeof counts)[number];

const programs = { "dynamic provider": "tasks", plugin: "pluginTasks", "empty resources": "empty" } as const;
type Kind = keyof typeof programs;
const kinds = Object.keys(programs) as Kind[];
/** An `up` of 1,000 takes minutes, so it is done once; what changes nothing, this often at most. */
const mostLarge = 3;
const largeKinds = ["dynamic provider", "empty resources"] as const;
type LargeKind = (typeof largeKinds)[number];

const operations: readonly Operation[] = ["preview", "up"];

/** What a user writes for one of these pictures. */
const userBytes = JSON.stringify({
  subAppId: 1500000001,
  modelName: "GG",
  modelVersion: "3.0",
  prompt: "picture 999",
}).length;
const mostBytes = 2 * userBytes + 1100 + 500;

/** `up` of instant tasks with the state in a file, beside resources that nothing is done for; then again, unchanged. */
export const growth: Measure = {
  name: "growth",
  async run(repetitions) {
    const seconds = new Samples<`${Kind} ${Count}`>();
    const first = new Samples<Kind>();
    const bytes = new Samples<Kind>();
    const compiled: number[] = [];
    const cache = mkdtempSync(join(tmpdir(), "aigc-compiled-"));
    for (let round = 0; round < repetitions; round++) {
      for (const count of small) {
        for (const kind of kinds) {
          const up = await upOnce(kind, count);
          seconds.add(`${kind} ${count}`, up.seconds);
          if (count === small[0]) first.add(kind, up.firstSeconds);
          bytes.add(kind, up.bytes);
        }
      }
      compiled.push((await upOnce("dynamic provider", small[0], { NODE_COMPILE_CACHE: cache })).firstSeconds);
    }
    rmSync(cache, { recursive: true, force: true });
    const unchanged = new Samples<`${Operation} ${LargeKind}`>();
    const { ups, requests } = await upLarge(Math.min(repetitions, mostLarge), unchanged);
    for (const kind of largeKinds) seconds.add(`${kind} ${large}`, ups[kind]);

    const grows = (kind: LargeKind) => exponent(counts.map((count) => [count, seconds.median(`${kind} ${count}`)]));
    const firstGoal = 1.05 * first.median("empty resources") + 0.2;
    return [
      ...(["dynamic provider", "plugin"] as const).map(
        (kind): Figure => figure(`start of up to the first submit, ${kind}`, first.median(kind), "s", firstGoal),
      ),
      figure("start of up to the first submit, dynamic provider, NODE_COMPILE_CACHE", median(compiled), "s"),
      figure("start of up to the first create, empty resources", first.median("empty resources"), "s"),
      ...counts.flatMap((count): Figure[] => {
        const [ours, empty] = [seconds.median(`dynamic provider ${count}`), seconds.median(`empty resources ${count}`)];
        return [
          figure(`up of ${count} instant tasks`, ours, "s"),
          figure(`up of ${count} instant tasks over empty resources`, ours / empty, "×"),
        ];
      }),
      figure(
        "up of 300 instant tasks, plugin over dynamic provider",
        seconds.median("plugin 300") / seconds.median("dynamic provider 300"),
        "×",
      ),
      figure("growth exponent of up, 100 to 1,000 instant tasks", grows("dynamic provider"), ""),
      figure("growth exponent of up, 100 to 1,000 empty resources", grows("empty resources"), ""),
      figure("inputs and outputs in state, a picture", bytes.median("dynamic provider"), "bytes", mostBytes),
      figure("inputs and outputs in state, a picture of the plugin", bytes.median("plugin"), "bytes", mostBytes),
      figure("requests of all previews and ups, 1,000 unchanged", requests, "requests", 0),
      ...operations.flatMap((operation) => {
        const [ours, empty] = [
          unchanged.median(`${operation} dynamic provider`),
          unchanged.median(`${operation} empty resources`),
        ];
        return [
          figure(`${operation} of 1,000 unchanged`, ours, "s"),
          figure(`${operation} of 1,000 unchanged over empty resources`, ours / empty, "×"),
        ];
      }),
    ];
  },
};

function upOnce(kind: Kind, count: Count, env: Readonly<Record<string, string>> = {}) {
  return withService({}, (service) =>
    withProject(new Project(service, count, {}, env), async (project) => {
      const { seconds, begunAt } = await project.runInline("up", programs[kind], parallel);
      const firstAt = kind === "empty resources" ? project.firstCreateAt() : (await service.asked()).firstSubmitAt;
      return { seconds, firstSeconds: (firstAt - begunAt) / 1000, bytes: bytesOf(project.stateOf()) };
    }),
  );
}

/** @param unchanged what operations take that change nothing */
function upLarge(repetitions: number, unchanged: Samples<`${Operation} ${LargeKind}`>) {
  const run = async (service: Service, project: Project) => {
    const ups = { "dynamic provider": Number.NaN, "empty resources": Number.NaN };
    for (const kind of largeKinds)
      ups[kind] = (await project.runInline("up", programs[kind], parallel, programs[kind])).seconds;
    const before = await service.asked();
    for (let round = 0; round < repetitions; round++) {
      for (const operation of operations) {
        for (const kind of largeKinds) {
          const ran = await project.runInline(operation, programs[kind], parallel, programs[kind]);
          unchanged.add(`${operation} ${kind}`, ran.seconds);
        }
      }
    }
    return { ups, requests: (await service.asked()).requests - before.requests };
  };
  return withService({}, (service) => withProject(new Project(service, large), (project) => run(service, project)));
}

function bytesOf(state: readonly StateResource[]): number {
  const pictures = state.filter(({ type }) => /:(AigcImageTask|Empty)$/.test(type));
  return median(pictures.map(({ inputs, outputs }) => JSON.stringify([inputs, outputs]).length));
}
