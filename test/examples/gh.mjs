// What `gh api` does with the options that the workflow gives it; any other is refused. GitHub is at GH_STUB_URL.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    paginate: { type: "boolean" },
    silent: { type: "boolean" },
    jq: { type: "string" },
    method: { type: "string" },
    field: { type: "string", short: "F", multiple: true },
  },
});
const [command, path, ...more] = positionals;
if (command !== "api" || path === undefined || more.length > 0) throw new Error("usage: gh api <endpoint> [flags]");

const fields = (values.field ?? []).map((field) => {
  const [name, value = ""] = /^([^=]+)=(.*)$/s.exec(field)?.slice(1) ?? [];
  return [name, value.startsWith("@") ? readFileSync(value.slice(1), "utf8") : value];
});
const body = fields.length > 0 ? JSON.stringify(Object.fromEntries(fields)) : undefined;
const method = values.method ?? (body === undefined ? "GET" : "POST");

for (let url = new URL(path, process.env.GH_STUB_URL).href; url; ) {
  const answer = await fetch(url, {
    method,
    headers: { authorization: `token ${process.env.GH_TOKEN}` },
    ...(body ? { body } : {}),
  });
  const text = await answer.text();
  if (!answer.ok) {
    process.stderr.write(`gh: ${text} (HTTP ${answer.status})\n`);
    process.exit(1);
  }
  if (!values.silent) process.stdout.write(values.jq ? execFileSync("jq", ["-r", values.jq], { input: text }) : text);
  url = values.paginate ? (/<([^>]+)>; rel="next"/.exec(answer.headers.get("link") ?? "")?.[1] ?? "") : "";
}
