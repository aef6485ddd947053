// Parts of undici, each in a file of its own: its index loads fetch, WebSocket, caches and mocks as well.
declare module "undici/lib/dispatcher/agent.js" {
  export { Agent as default } from "undici";
}
declare module "undici/lib/core/connect.js" {
  export { buildConnector as default } from "undici";
}
