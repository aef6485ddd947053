// Answers calls of the main thread: one message each way.
const { parentPort } = require("node:worker_threads");

exports.serve = (methods) => {
  parentPort.on("message", async ({ id, method, args }) => {
    try {
      parentPort.postMessage({ id, value: await methods[method](...args) });
    } catch (error) {
      const { message, id: resource, properties, reasons } = error;
      parentPort.postMessage({ id, error: { message, ...(resource ? { id: resource, properties, reasons } : {}) } });
    }
  });
};

exports.emit = (event) => parentPort.postMessage({ event });
