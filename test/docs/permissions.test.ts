import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { actions, camAction, permissions, policy } from "../../command/doctor/permissions";
import { assumptions } from "../../command/doctor/trial/assumptions";
import { read, repository } from "./markdown";

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
