// A machine's provider processes, one after the other: each `load` begins a new one. Does with the handler what Pulumi's
// host of dynamic providers does, and stands still for ever where it is told to be killed.
const { channel } = require("node:diagnostics_channel");
const { EventEmitter } = require("node:events");
const files = require("node:fs/promises");
const { createRequire, enableCompileCache, flushCompileCache } = require("node:module");
const { join, sep } = require("node:path");
const { workerData } = require("node:worker_threads");
const { emit, serve } = require("./serve.cjs");
const { shiftTime } = require("./time.cjs");

const { dist } = workerData;
enableCompileCache(workerData.compileCache);

/** Modules without a state of their own are loaded once: to load them again would only take time. */
const stateless = ["schema", "vod/wire", "vod/sign", "vod/errors", "vod/nextSteps", "vod/scrub"].map((name) =>
  join(dist, "provider", name),
);
let handler;
let killAt;

// Each load is another process: with an id of its own, on the machine that it is told.
const { number, living } = workerData;
const idsOf = 10_000_000;
const kill = process.kill;
let host = "machine";
let processes = workerData.first;
Object.defineProperty(process, "pid", { get: () => (number + 1) * idsOf + processes });
process.kill = (pid, signal) => {
  if (pid < idsOf) return kill.call(process, pid, signal);
  if (living[Math.floor(pid / idsOf) - 1] === pid % idsOf) return true;
  throw Object.assign(new Error("kill ESRCH"), { code: "ESRCH" });
};
require("node:os").hostname = () => host;

const heard = channel("http2.server.stream.created");

/** What a host's process hears when the engine calls the verb Cancel, which the host has no method for. */
function hearCancel() {
  const stream = new EventEmitter();
  heard.publish({ stream, headers: { ":path": "/pulumirpc.ResourceProvider/Cancel" }, flags: 4 });
  stream.emit("close");
}

/** Connections of the process under way. */
const agents = new Set();
const undici = createRequire(join(dist, "provider", "dynamic", "handler.js"))("undici");
undici.Agent = class extends undici.Agent {
  constructor(options) {
    super(options);
    agents.add(this);
  }
};

/** What a process follows in the background ends with it: without connections it can do nothing more. */
function endProcess() {
  for (const agent of agents) void agent.destroy();
  agents.clear();
  living[number] = 0;
}

function loadHandler() {
  for (const path of Object.keys(require.cache)) {
    if (path.startsWith(dist + sep) && !stateless.some((name) => path.startsWith(name))) delete require.cache[path];
  }
  return require(join(dist, "provider", "dynamic", "handler.js"));
}

/** Never returns once this point is where the process is to be killed. */
function pass(point) {
  if (killAt !== point) return;
  emit("reached");
  return new Promise(() => {});
}

const openFile = files.open;
files.open = async (...args) => {
  const handle = await openFile(...args);
  return new Proxy(handle, { get: (target, key) => (key === "write" ? writing(target) : bound(target, key)) });
};

function bound(target, key) {
  const value = target[key];
  return typeof value === "function" ? value.bind(target) : value;
}

/** What is written line by line is the journal. A line may be missing, torn or whole when the process is killed. */
function writing(handle) {
  return async (data, ...rest) => {
    const event = typeof data === "string" ? /"event":"(\w+)"/.exec(data)?.[1] : undefined;
    if (event === undefined) return handle.write(data, ...rest);
    await pass(`${event}Unwritten`);
    if (killAt === `${event}Torn`) await handle.write(data.slice(0, data.length / 2));
    await pass(`${event}Torn`);
    const written = await handle.write(data, ...rest);
    await handle.sync();
    await pass(`${event}Written`);
    return written;
  };
}

/** The wire carries neither `undefined` nor a bigint: one of them loses the whole result. */
function carried(value, path = "outs") {
  if (value === undefined || typeof value === "bigint" || typeof value === "function") {
    throw new Error(`${path} cannot be carried: ${typeof value}`);
  }
  if (value !== null && typeof value === "object") {
    for (const [key, item] of Object.entries(value)) carried(item, `${path}.${key}`);
  }
  return value;
}

function providerIn(properties) {
  if (typeof properties.__provider !== "string") throw new Error("there is no __provider: its code is not found");
  return properties.__provider;
}

/** What only plans brings nothing about, so that its end is no point of its own. */
async function planned(run) {
  await pass("planning");
  return run();
}

async function operation(run) {
  await pass("operation");
  try {
    return await run();
  } catch (error) {
    if (error.id) carried(error.properties);
    throw error;
  } finally {
    await pass("returned");
  }
}

serve({
  warm() {
    loadHandler();
    flushCompileCache();
  },
  endProcess,
  load({ env, host: name, shift, config, kill }) {
    endProcess();
    host = name;
    living[number] = ++processes;
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, env);
    shiftTime(shift);
    killAt = kill;
    handler = loadHandler();
    handler.configure({ config: { get: (key) => config[key] } });
  },
  setShift: shiftTime,
  cancel: hearCancel,
  /** The operation is over: the engine tells it in the same way, and the provider process ends. */
  finished() {
    hearCancel();
    living[number] = 0;
  },
  check: (olds, news) =>
    planned(async () => {
      providerIn(news);
      const { inputs, failures } = await handler.check(olds, news);
      return { inputs: carried({ ...inputs, __provider: news.__provider }), failures };
    }),
  diff: (id, olds, news) =>
    planned(async () => {
      providerIn(news);
      const { changes, replaces = [] } = await handler.diff(id, olds, news);
      return { changes: changes ? "some" : "none", replaces, deleteBeforeReplace: false };
    }),
  create: (inputs) =>
    operation(async () => {
      const __provider = providerIn(inputs);
      const { id, outs } = await handler.create(inputs);
      return { id, properties: carried({ ...outs, __provider }) };
    }),
  read: (id, outputs) =>
    operation(async () => {
      const __provider = providerIn(outputs);
      const read = await handler.read(id, outputs);
      return { id: read.id, properties: carried({ ...read.props, __provider }) };
    }),
  update: (id, olds, news) =>
    operation(async () => {
      const __provider = providerIn(news);
      const result = (await handler.update(id, olds, news)) ?? {};
      return { properties: carried({ ...result.outs, __provider }) };
    }),
  delete: (id, outputs) =>
    operation(async () => {
      providerIn(outputs);
      await handler.delete(id, outputs);
    }),
});
