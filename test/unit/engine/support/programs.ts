import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { EmbeddedStack, type EmbeddedStackOptions } from "../../../../engine/embeddedStack";

/** One call of a provider method, as it arrived. */
export interface RecordedCall {
  method: string;
  args: unknown[];
}

/** The constant provider text of the programs; the provider's code is in a file of the program. */
export const providerText =
  'exports.handler=()=>require("node:module").createRequire(process.cwd()+"/")("./handler.cjs")';

/** Records every call, then does what the program's `behaviour.json` says. */
const handler = `
const fs = require("node:fs");
const path = require("node:path");
const file = (name) => path.join(__dirname, name);
const record = (method, args) => fs.appendFileSync(file("calls.jsonl"), JSON.stringify({ method, args }) + "\\n");
const behaviour = () => JSON.parse(fs.readFileSync(file("behaviour.json"), "utf8"));
const until = async (name) => { while (!fs.existsSync(file(name))) await new Promise((r) => setTimeout(r, 10)); };
const progress = ({ urn, message }) => new Promise((resolve, reject) => {
  const { EngineClient } = require("@pulumi/pulumi/proto/engine_grpc_pb");
  const { LogRequest, LogSeverity } = require("@pulumi/pulumi/proto/engine_pb");
  const grpc = require("node:module").createRequire(require.resolve("@pulumi/pulumi"))("@grpc/grpc-js");
  const request = new LogRequest();
  request.setSeverity(LogSeverity.INFO);
  request.setUrn(urn);
  request.setMessage(message);
  request.setEphemeral(true);
  const client = new EngineClient(process.argv[2], grpc.credentials.createInsecure());
  client.log(request, (error) => (error ? reject(error) : resolve()));
});
const act = async (method, name, fallback) => {
  const all = behaviour();
  const step = (all[method] || {})[name] || (all[method] || {})["*"];
  if (!step) return fallback;
  if (step.waitFor) await until(step.waitFor);
  if (step.log) console.log(step.log);
  if (step.progress) await progress(step.progress);
  if (step.fail) throw Object.assign(new Error(step.fail.message || "failed"), step.fail);
  return step.returns === undefined ? fallback : step.returns;
};
require("node:diagnostics_channel").subscribe("http2.server.stream.created", ({ headers }) => {
  if (headers[":path"].endsWith("/Cancel")) fs.appendFileSync(file("cancels"), "cancel\\n");
});
fs.writeFileSync(file("pid"), String(process.pid));
let created = fs.existsSync(file("count")) ? Number(fs.readFileSync(file("count"), "utf8")) : 0;
const nextId = () => { created += 1; fs.writeFileSync(file("count"), String(created)); return String(created); };
module.exports = {
  configure({ config }) { record("configure", [config.get("color") ?? null, config.get("token") ?? null]); },
  async check(olds, news) {
    record("check", [olds, news]);
    return act("check", news.name, { inputs: news });
  },
  async diff(id, olds, news) {
    record("diff", [id, olds, news]);
    const keys = Object.keys(news).filter((key) => JSON.stringify(olds[key]) !== JSON.stringify(news[key]));
    return act("diff", news.name, { changes: keys.length > 0, replaces: keys.filter((key) => key.startsWith("fixed")) });
  },
  async create(inputs) {
    record("create", [inputs]);
    return act("create", inputs.name, { id: inputs.name + "-" + nextId(), outs: { ...inputs, made: "by create" } });
  },
  async read(id, props) {
    record("read", [id, props]);
    return act("read", props.name, { id, props });
  },
  async update(id, olds, news) {
    record("update", [id, olds, news]);
    return act("update", news.name, { outs: { ...news, made: "by update" } });
  },
  async delete(id, props) {
    record("delete", [id, props]);
    await act("delete", props.name, undefined);
  },
};
`;

const thing = `
const pulumi = require("@pulumi/pulumi");
class Thing extends pulumi.CustomResource {
  constructor(name, props, opts) {
    super("pulumi-nodejs:dynamic/test:Thing", name, { made: undefined, ...props, name, __provider: ${JSON.stringify(providerText)} }, opts);
  }
}
class Group extends pulumi.ComponentResource {
  constructor(name, make, opts) {
    super("test:index:Group", name, {}, opts);
    this.registerOutputs(make(this));
  }
}
module.exports = { pulumi, Thing, Group };
`;

/** Without TypeScript, whose compiler takes longer to load than these programs to run. */
const plainYaml = "name: shop\nruntime: { name: nodejs, options: { typescript: false } }\nmain: program.cjs\n";

/** A project in a directory of its own, whose program and provider can be changed between operations. */
export class TestProject {
  readonly directory = mkdtempSync(join(tmpdir(), "embedded-"));

  constructor(program: string, yaml = plainYaml) {
    mkdirSync(join(this.directory, "node_modules"));
    symlinkSync(resolve("node_modules/@pulumi"), join(this.directory, "node_modules/@pulumi"));
    this.write("Pulumi.yaml", yaml);
    this.write("package.json", '{"name":"shop","private":true}');
    this.write("handler.cjs", handler);
    this.write("thing.cjs", thing);
    this.behave({});
    this.program(program);
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.directory, name), text);
  }

  read(name: string): string {
    return existsSync(join(this.directory, name)) ? readFileSync(join(this.directory, name), "utf8") : "";
  }

  removeFile(name: string): void {
    rmSync(join(this.directory, name));
  }

  /** The program's text; `Thing`, `Group` and `pulumi` are defined. */
  program(text: string): void {
    this.write("program.cjs", `const { pulumi, Thing, Group } = require("./thing.cjs");\n${text}\n`);
  }

  /** What the provider does instead of succeeding, by method and resource name. */
  behave(behaviour: Record<string, Record<string, object>>): void {
    this.write("behaviour.json", JSON.stringify(behaviour));
  }

  /** The calls since this was last asked. */
  calls(): RecordedCall[] {
    const lines = this.read("calls.jsonl").split("\n").filter(Boolean);
    this.write("calls.jsonl", "");
    return lines.map((line) => JSON.parse(line) as RecordedCall);
  }

  /** How many Cancels the provider's process has got, each process counted from its first call. */
  cancels(): number {
    return this.read("cancels").split("\n").filter(Boolean).length;
  }

  stack(options: Partial<EmbeddedStackOptions> = {}): Promise<EmbeddedStack> {
    return EmbeddedStack.createOrSelect({
      stackName: "dev",
      workDir: this.directory,
      stateDir: join(this.directory, "state"),
      secretsPassphrase: "correct horse",
      ...options,
    });
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Method and name of each call, in order. */
export function sequence(calls: RecordedCall[]): string[] {
  return calls.map(({ method, args }) => {
    const named = args.findLast((argument) => typeof argument === "object" && argument !== null && "name" in argument);
    return named ? `${method} ${(named as { name: string }).name}` : method;
  });
}
