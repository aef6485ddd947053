#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Key } from "./authentication";
import { startEmulator } from "./emulator";
import { defaultSecretId, defaultSecretKey, type EmulatorOptions } from "./options";

const usage = `Usage: tencent-aigc-emulator [options]

Runs the API of Tencent Cloud VOD's CreateAigcImageTask on 127.0.0.1. Nothing is generated, nothing is billed.
The first line on stdout is JSON: {"url":"http://127.0.0.1:PORT"}. Open the url to see the pictures and the bill.

  --port N             port to listen on (any free one)
  --secret-id ID       the key it knows (${defaultSecretId})
  --secret-key KEY     its secret (${defaultSecretKey})
  --token TOKEN        session token that every request with it must carry (none)
  --key ID=KEY         another key of the same account; may be given several times
  --concurrency N      tasks that run at once (1)
  --task-seconds S     how long a task runs (1)
  --directory DIR      folder that keeps tasks and pictures for the next start (nothing is kept)
  --tls-cert FILE      certificate for localhost in PEM: speaks https, for clients that know nothing else
  --tls-key FILE       key of the certificate, in PEM
  --help               this text

Control, JSON over HTTP: GET URL/_emulator/ledger; POST URL/_emulator/clock {"advanceSeconds":n};
POST URL/_emulator/faults {"kind","action","times","after"}, DELETE URL/_emulator/faults;
POST URL/_emulator/behaviour {name: value}. GET URL/_emulator/behaviour lists kinds, parameters, names and values.
`;

const flags = {
  port: { type: "string" },
  "secret-id": { type: "string" },
  "secret-key": { type: "string" },
  token: { type: "string" },
  concurrency: { type: "string" },
  "task-seconds": { type: "string" },
  key: { type: "string", multiple: true },
  directory: { type: "string" },
  "tls-cert": { type: "string" },
  "tls-key": { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

void main();

async function main(): Promise<void> {
  try {
    const { values } = parseArgs({ options: flags });
    if (values.help) {
      process.stdout.write(usage);
      return;
    }
    const options: EmulatorOptions = {
      ...numbered("port", values.port),
      ...numbered("concurrency", values.concurrency),
      ...numbered("taskSeconds", values["task-seconds"]),
      ...(values["secret-id"] === undefined ? {} : { secretId: values["secret-id"] }),
      ...(values["secret-key"] === undefined ? {} : { secretKey: values["secret-key"] }),
      ...(values.token === undefined ? {} : { token: values.token }),
      ...(values.key === undefined ? {} : { keys: values.key.map(readKey) }),
      ...(values["tls-cert"] === undefined ? {} : { tlsCert: readFileSync(values["tls-cert"], "utf8") }),
      ...(values["tls-key"] === undefined ? {} : { tlsKey: readFileSync(values["tls-key"], "utf8") }),
      ...(values.directory === undefined ? {} : { directory: values.directory }),
    };
    const emulator = await startEmulator(options);
    process.stdout.write(`${JSON.stringify({ url: emulator.url })}\n`);
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void emulator.close());
  } catch (error) {
    const { message } = error as Error;
    const reason = error instanceof RangeError ? message.replace(/^\w+/, flagOf) : message;
    process.stderr.write(`tencent-aigc-emulator: ${reason}\nSee tencent-aigc-emulator --help.\n`);
    process.exitCode = isUsage(error) ? 2 : 1;
  }
}

/** `ID=KEY`; the id holds no equals sign, the key may. */
function readKey(text: string): Key {
  const [, secretId, secretKey] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  // The text itself is not repeated: it may hold the key.
  if (!secretId || !secretKey) throw new RangeError("key must be ID=KEY");
  return { secretId, secretKey };
}

function numbered<K extends keyof EmulatorOptions>(name: K, text: string | undefined): { [_ in K]?: number } {
  if (text === undefined) return {};
  // An empty text would count as 0.
  return { [name]: text.trim() === "" ? Number.NaN : Number(text) } as { [_ in K]?: number };
}

/** The flag that sets an option: `--task-seconds` for `taskSeconds`. */
function flagOf(option: string): string {
  return `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Whether what went wrong is how it was called, not what happened then. */
function isUsage(error: unknown): boolean {
  return error instanceof RangeError || String((error as { code?: unknown }).code).startsWith("ERR_PARSE_ARGS");
}
