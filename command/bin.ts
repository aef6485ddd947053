#!/usr/bin/env node
import { commands } from "./commands";
import { run } from "./run";

void main();

async function main(): Promise<void> {
  const { argv, env, stdin, stdout, stderr } = process;
  process.exitCode = await run(commands, argv.slice(2), { env, stdin, stdout, stderr });
}
