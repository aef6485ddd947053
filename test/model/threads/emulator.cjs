// The service in a thread of its own, whose time is moved by hand.
const { Server } = require("node:http");
const { join } = require("node:path");
const { workerData } = require("node:worker_threads");
const { shiftTime } = require("./time.cjs");
const { serve } = require("./serve.cjs");
const { startEmulator } = require(join(workerData.dist, "emulator", "index.js"));
const { keepRequests, requestOf } = require("./requests.cjs");
const { holdingBack, ...holds } = require("./holds.cjs");

let emulator;
keepRequests(require(join(workerData.dist, "emulator", "store.js")).Store);

/** Open connections: of a process that has ended none is left, once all that it sent has been read. */
const connections = new Set();
const emit = Server.prototype.emit;
Server.prototype.emit = function (event, ...args) {
  if (event === "connection") {
    const [socket] = args;
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  }
  const pass = () => emit.call(this, event, ...args);
  return event === "request" ? holdingBack(args[0], args[1], pass) : pass();
};

const conditions = {
  tasks:
    ({ atLeast }) =>
    (ledger) =>
      ledger.tasks.length >= atLeast,
  requests:
    ({ action, atLeast }) =>
    (ledger) =>
      (ledger.requests[action] ?? 0) >= atLeast,
};

serve({
  async start(options) {
    await emulator?.close();
    shiftTime(0);
    emulator = await startEmulator(options);
    const { url, secretId, secretKey } = emulator;
    return { url, secretId, secretKey };
  },
  close: () => emulator?.close(),
  /** `waitUntil` is told at once, and alarms that have become due ring. */
  setShift(ms) {
    shiftTime(ms);
    emulator.advance(0);
  },
  async unconnected() {
    for (const socket of connections) await new Promise((resolve) => socket.once("close", resolve));
  },
  ...holds,
  ledger() {
    const ledger = emulator.ledger();
    return { ...ledger, tasks: ledger.tasks.map((task) => ({ ...task, request: requestOf(task.taskId) })) };
  },
  crowd(prefix, count) {
    for (let index = 0; index < count; index++) {
      emulator.addMedia({ subAppId: 251007502, name: `${prefix}-${index}` });
    }
  },
  fault: (faults) => emulator.fault(faults),
  clearFaults: () => emulator.clearFaults(),
  behaviour: (values) => emulator.behaviour(values),
  deleteMedia: (fileId) => emulator.deleteMedia(fileId),
  waitFor: ({ kind, ...given }) => emulator.waitUntil(conditions[kind](given), 3_600_000).then(() => true),
});
