import { createHash, createHmac } from "node:crypto";
import { createRequire } from "node:module";
import autocannon from "autocannon";
import { type Handler, startHost } from "./host.mts";
import {
  type Engine,
  median,
  openStack,
  type Program,
  pulumiIsHere,
  runScript,
  type Service,
  type StackOptions,
  secondsOf,
  startService,
} from "./world.mts";

const { readRates } = createRequire(import.meta.url)("../../dist/provider/vod/pace.js") as {
  readRates: { readonly DescribeTaskDetail: number };
};

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Largest value that is good enough. */
  readonly goal?: number;
}

export interface Measure {
  readonly name: string;
  /** Asks for about this many repetitions, interleaved, and takes medians. */
  run(repetitions: number): Promise<Figure[]>;
}

const figure = (name: string, value: number, unit: string, goal?: number): Figure =>
  goal === undefined ? { name, value, unit } : { name, value, unit, goal };

async function withService<T>(
  options: Parameters<typeof startService>[0],
  use: (service: Service) => Promise<T>,
): Promise<T> {
  const service = await startService(options);
  try {
    return await use(service);
  } finally {
    service.close();
  }
}

/** One `up` of a program, and what it took. */
async function upOnce(
  program: Program,
  count: number,
  service: Service,
  options: Pick<StackOptions, "config" | "engine"> = {},
) {
  const world = await openStack({ program, count, service, ...options });
  try {
    const seconds = await secondsOf(() => world.stack.up({ parallel: count }));
    const exported = await world.stack.exportStack();
    return { seconds, resources: (exported.deployment.resources ?? []) as StateResource[] };
  } finally {
    world.close();
  }
}

interface StateResource {
  readonly type: string;
  readonly inputs?: object;
  readonly outputs?: object;
}

const requestsOf = async (service: Service) =>
  Object.values((await service.ledger()).requests).reduce((sum: number, count) => sum + (count ?? 0), 0);

/** 500 tasks of 3 s at a service that takes 20 a second and runs 100 at once. */
const makespan: Measure = {
  name: "makespan",
  async run(repetitions) {
    const [count, taskSeconds, rate, concurrency] = [500, 3, 20, 100];
    const limit = Math.max(count / rate, (count * taskSeconds) / concurrency) + taskSeconds;
    const limits = { taskSeconds, concurrency, submitsPerSecond: rate };
    const config = { maxConcurrentTasks: String(concurrency), requestsPerSecond: String(rate) };
    const ways = {
      ours: async (service: Service) => (await upOnce("tasks", count, service, { config })).seconds,
      "a closure-style provider": async (service: Service) => (await upOnce("closure", count, service)).seconds,
      "a plain script": (service: Service) => secondsOf(() => runScript(count, concurrency, service)),
    };
    const seconds: Record<string, number[]> = {};
    const requests: Record<string, number> = {};
    for (let round = 0; round < Math.min(repetitions, 5); round++) {
      for (const [name, way] of Object.entries(ways)) {
        await withService(limits, async (service) => {
          seconds[name] = [...(seconds[name] ?? []), await way(service)];
          requests[name] = (await requestsOf(service)) / count;
        });
      }
    }
    const ours = median(seconds["ours"] ?? []);
    return [
      figure("makespan over the limit of the service", ours / limit, "×", 1.1),
      ...Object.keys(ways)
        .filter((name) => name !== "ours")
        .map((name) => figure(`makespan over ${name}`, ours / median(seconds[name] ?? []), "×")),
      figure("requests a task, tasks listed", requests["ours"] ?? Number.NaN, "requests", 2.3),
      figure(
        "requests a task, a closure-style provider",
        requests["a closure-style provider"] ?? Number.NaN,
        "requests",
      ),
      figure("requests a task, a plain script", requests["a plain script"] ?? Number.NaN, "requests"),
    ];
  },
};

/** The same with a listing that does not show the tasks. */
const fallback: Measure = {
  name: "fallback",
  async run() {
    return withService({ taskSeconds: 3, concurrency: 100, submitsPerSecond: 20 }, async (service) => {
      await fetch(`${service.url}/_emulator/behaviour`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ tasksInListing: false }),
      });
      const count = 200;
      await upOnce("tasks", count, service, { config: { maxConcurrentTasks: "100", requestsPerSecond: "20" } });
      return [figure("requests a task, tasks not listed", (await requestsOf(service)) / count, "requests")];
    });
  },
};

/** 1,000 resources that do not change. */
const unchanged: Measure = {
  name: "unchanged",
  async run(repetitions) {
    return withService({}, async (service) => {
      const count = 1000;
      const ours = await openStack({ program: "tasks", count, service });
      const empty = await openStack({ program: "empty", count, service });
      try {
        await ours.stack.up({ parallel: 200 });
        await empty.stack.up({ parallel: 200 });
        const before = await requestsOf(service);
        const ratios: Record<string, number[]> = { preview: [], up: [] };
        for (let round = 0; round < repetitions; round++) {
          for (const operation of ["preview", "up"] as const) {
            const mine = await secondsOf(() => ours.stack[operation]());
            const theirs = await secondsOf(() => empty.stack[operation]());
            ratios[operation]?.push(mine / theirs);
          }
        }
        return [
          figure(
            "requests of a preview and an up, 1,000 unchanged",
            (await requestsOf(service)) - before,
            "requests",
            0,
          ),
          figure("preview of 1,000 unchanged over empty resources", median(ratios["preview"] ?? []), "×"),
          figure("up of 1,000 unchanged over empty resources", median(ratios["up"] ?? []), "×"),
        ];
      } finally {
        ours.close();
        empty.close();
      }
    });
  },
};

/** What a user writes for one of these pictures. */
const userBytes = JSON.stringify({
  subAppId: 1500000001,
  modelName: "GG",
  modelVersion: "3.0",
  prompt: "picture 999",
}).length;

/** Time of `up` against the number of instant tasks and against resources whose provider does nothing, and state. */
async function growthOn(engine: Engine, counts: readonly number[], compared: number, rounds: number) {
  const seconds: Record<number, number[]> = {};
  const ratios: number[] = [];
  let bytes = 0;
  for (let round = 0; round < rounds; round++) {
    for (const count of counts) {
      await withService({}, async (service) => {
        const ours = await upOnce("tasks", count, service, { engine });
        seconds[count] = [...(seconds[count] ?? []), ours.seconds];
        const tasks = ours.resources.filter(({ type }) => type.includes("AigcImageTask"));
        bytes = median(tasks.map(({ inputs, outputs }) => JSON.stringify([inputs, outputs]).length));
        if (count === compared) {
          const empty = await upOnce("empty", count, service, { engine });
          ratios.push(ours.seconds / empty.seconds);
        }
      });
    }
  }
  const points = counts.map((count) => [Math.log(count), Math.log(median(seconds[count] ?? []))] as const);
  return { exponent: slope(points), ratio: median(ratios), seconds: median(seconds[compared] ?? []), bytes };
}

/** On the embedded engine, which takes so little for a resource that the service's own limits show. */
const growth: Measure = {
  name: "growth",
  async run(repetitions) {
    const [counts, compared] = [[100, 300, 1000, 3000], 1000];
    const found = await growthOn("the embedded engine", counts, compared, repetitions);
    return [
      figure("growth exponent of up, 100 to 3,000 instant tasks, embedded engine", found.exponent, "", 1.1),
      figure("up of 1,000 instant tasks over empty resources, embedded engine", found.ratio, "×"),
      figure(
        "up of 1,000 instant tasks over the service's limit of reads, embedded engine",
        found.seconds / (compared / readRates.DescribeTaskDetail),
        "×",
      ),
      figure("inputs and outputs in state, a picture", found.bytes, "bytes", 2 * userBytes + 1100 + 350),
    ];
  },
};

/** On the real engine, where there is one. */
const cli: Measure = {
  name: "cli",
  async run(repetitions) {
    if (!pulumiIsHere) {
      console.error("cli: SKIPPED, there is no pulumi on PATH");
      return [];
    }
    const found = await growthOn("the Pulumi CLI", [100, 300, 500], 500, repetitions);
    return [
      figure("growth exponent of up, 100 to 500 instant tasks, Pulumi CLI", found.exponent, ""),
      figure("up of 500 instant tasks over empty resources, Pulumi CLI", found.ratio, "×", 1.1),
      figure("inputs and outputs in state, a picture, Pulumi CLI", found.bytes, "bytes", 2 * userBytes + 1100 + 350),
    ];
  },
};

function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (axis: 0 | 1) => points.reduce((sum, point) => sum + point[axis], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const over = points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0);
  return over / points.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
}

/** The provider's process: how soon it answers, and how much memory it takes. */
const processes: Measure = {
  name: "process",
  async run(repetitions) {
    return withService({}, async (service) => {
      const { workDir, envVars, close } = await openStack({ program: "tasks", count: 0, service });
      try {
        const first = async (handler: Handler) => {
          const host = await startHost(workDir, envVars, handler);
          const milliseconds = await host.firstCheck();
          await host.stop();
          return milliseconds;
        };
        const ratios: number[] = [];
        for (let round = 0; round < Math.max(5, repetitions); round++)
          ratios.push((await first("ours")) / (await first("empty")));
        const peaks: number[] = [];
        for (const count of [1000, 10_000]) {
          const host = await startHost(
            workDir,
            { ...envVars, XDG_STATE_HOME: `${envVars.XDG_STATE_HOME}-${count}` },
            "ours",
          );
          const lanes = Array.from({ length: 100 }, (_, lane) => lane);
          await Promise.all(
            lanes.map(async (lane) => {
              for (let index = lane; index < count; index += lanes.length) await host.create(index + count);
            }),
          );
          peaks.push(host.peakMemory());
          await host.stop();
        }
        const [small = Number.NaN, large = Number.NaN] = peaks;
        return [
          figure("first check over the host with an empty provider", median(ratios), "×", 1.3),
          figure("peak memory at 10,000 resources over 1,000", large / small, "×", 2),
          figure("peak memory at 10,000 resources", large / 2 ** 20, "MB", 512),
        ];
      } finally {
        close();
      }
    });
  },
};

/** The emulator alone, so that it is known not to be what is measured. */
const emulator: Measure = {
  name: "emulator",
  async run() {
    return withService({}, async (service) => {
      const rates: Figure[] = [];
      for (const [action, request] of Object.entries(loads)) {
        const rate = await requestsPerSecond(service, action, JSON.stringify(request));
        rates.push(figure(`emulator, ${action}`, rate, "requests/s"));
      }
      return rates;
    });
  },
};

const loads: Record<string, object> = {
  CreateAigcImageTask: { SubAppId: 1, ModelName: "GG", ModelVersion: "3.0", Prompt: "a picture" },
  DescribeTasks: { SubAppId: 1, Limit: 100 },
};

/** Under a load tool, which sends the same signed request again and again: signatures hold for 5 minutes. */
async function requestsPerSecond(service: Service, action: string, body: string): Promise<number> {
  const load = { url: service.url, method: "POST" as const, headers: signed(service, action, body), body };
  // The service answers errors as HTTP 200.
  const verifyBody = (answer: unknown) => !String(answer).includes('"Error"');
  const { requests, errors, non2xx, mismatches } = await autocannon({
    ...load,
    connections: 32,
    duration: 5,
    verifyBody,
  });
  const failed = errors + non2xx + mismatches;
  if (failed > 0) throw new Error(`${failed} of the requests of ${action} failed`);
  return requests.average;
}

function signed({ url, secretId, secretKey }: Service, action: string, body: string): Record<string, string> {
  const timestamp = Math.floor(Date.now() / 1000);
  const date = new Date(timestamp * 1000).toISOString().slice(0, 10);
  const hash = (text: string) => createHash("sha256").update(text).digest("hex");
  const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const canonical = `POST\n/\n\ncontent-type:application/json\nhost:${new URL(url).hostname}\n\ncontent-type;host\n${hash(body)}`;
  const scope = `${date}/vod/tc3_request`;
  const key = hmac(hmac(hmac(`TC3${secretKey}`, date), "vod"), "tc3_request");
  const signature = hmac(key, `TC3-HMAC-SHA256\n${timestamp}\n${scope}\n${hash(canonical)}`).toString("hex");
  return {
    "content-type": "application/json",
    "x-tc-action": action,
    "x-tc-version": "2018-07-17",
    "x-tc-timestamp": String(timestamp),
    authorization: `TC3-HMAC-SHA256 Credential=${secretId}/${scope}, SignedHeaders=content-type;host, Signature=${signature}`,
  };
}

export const measures: readonly Measure[] = [processes, unchanged, growth, cli, emulator, fallback, makespan];
