#!/usr/bin/env node
/**
 * The provider plugin: a process that the engine starts with its own address. The only thing it prints is the port at
 * which it serves.
 */
import "../compileCache";
import { linkEngine } from "../engineLink";
import { watchForOrphan } from "../orphanWatch";
import { loadPulumiSdk } from "../pulumiSdk";
import { PluginServer } from "./server";

const { grpc } = loadPulumiSdk();

/** The SDK's own limits, so that a message that one side accepts is not refused by the other. */
const mostBytes = 400 * 1024 * 1024;

/** Flags of the engine's own may come before its address. */
const engine = linkEngine(process.argv.slice(2).findLast((argument) => !argument.startsWith("-")));
const server = new grpc.Server({
  "grpc.max_receive_message_length": mostBytes,
  "grpc.max_send_message_length": mostBytes,
});
const plugin = new PluginServer(engine);
plugin.addTo(server);
// It serves nobody else. What waits for a task ends as at a Cancel: the journal has what was sent.
watchForOrphan(engine, () => void plugin.calls.hearCancel().finally(() => process.exit()));
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`${port}\n`);
});
