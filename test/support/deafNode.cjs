// Makes a Node that tells of no call, as 22.13 does not: loaded before all else.
const diagnostics = require("node:diagnostics_channel");
const { subscribe } = diagnostics;

diagnostics.subscribe = (name, listener) => {
  if (name !== "http2.server.stream.created") subscribe(name, listener);
};
