import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { actions, camAction, permissions, policy } from "../../command/doctor/permissions";
import { assumptions } from "../../command/doctor/trial/assumptions";
import { behaviourTable } from "../../emulator/behaviours";
import { faultKinds } from "../../emulator/faultKinds";
import type { Parameter } from "../../emulator/faultParameters";
import { read, repository } from "./markdown";

const parametersText = (parameters: Readonly<Record<string, Parameter<unknown>>>) =>
  Object.entries(parameters)
    .map(([name, { allowed, default: byDefault }]) =>
      byDefault === undefined ? `\`${name}\`: ${allowed}` : `\`${name}\`: ${allowed}; \`${JSON.stringify(byDefault)}\``,
    )
    .join("<br>");

/** The sections that are printed from the code, by page and name. */
const sections: readonly (readonly [page: string, name: string, text: string])[] = [
  [
    "docs/permissions.md",
    "actions",
    [
      "| action | what it is for | without it |",
      "| --- | --- | --- |",
      ...actions.map((action) => {
        const { purpose, needed } = permissions[action];
        return `| \`${camAction(action)}\` | ${purpose} | ${needed ? "deployments fail, or know less" : "this is not known"} |`;
      }),
    ].join("\n"),
  ],
  ["docs/permissions.md", "policy", `\`\`\`json\n${JSON.stringify(policy(), undefined, 2)}\n\`\`\``],
  [
    "docs/doctor.md",
    "assumptions",
    [
      "| what is assumed | seen with one picture |",
      "| --- | --- |",
      ...Object.values(assumptions).map((row) => `| ${row.statement} | ${"why" in row ? `no: ${row.why}` : "yes"} |`),
    ].join("\n"),
  ],
  [
    "docs/emulator.md",
    "faults",
    [
      "| kind | what happens | its own parameters, with the default |",
      "| --- | --- | --- |",
      ...Object.entries(faultKinds).map(
        ([kind, { meaning, parameters }]) => `| \`${kind}\` | ${meaning} | ${parametersText(parameters) || "–"} |`,
      ),
    ].join("\n"),
  ],
  [
    "docs/emulator.md",
    "behaviours",
    [
      "| name | what it decides | values |",
      "| --- | --- | --- |",
      ...Object.entries(behaviourTable).map(([name, { meaning, allowed }]) => {
        const values = typeof allowed === "string" ? ["0", "any number of seconds"] : allowed.map(String);
        return `| \`${name}\` | ${meaning} | ${values.map((value) => `\`${value}\``).join(", ")} |`;
      }),
    ].join("\n"),
  ],
];

test.each(sections)("%s has its section %s from the code", (page, name, text) => {
  const document = read(page);
  const printed = document.replace(
    new RegExp(`(<!-- ${name} -->\n).*?(\n<!-- /${name} -->)`, "s"),
    (_, before: string, after: string) => `${before}\n${text}\n${after}`,
  );
  if (process.env["UPDATE_DOCS"] === "1") writeFileSync(join(repository, page), printed);
  else expect(document).toBe(printed);
  expect(printed).toContain(text);
});
