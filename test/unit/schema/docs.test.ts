import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { inputEffects } from "../../../provider/schema/inputs";

const billingLine = "Changing this generates, and bills, a new image.";

const path = join(__dirname, "..", "..", "..", "provider", "aigcImageTaskArgs.ts");
const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);

/** Docstrings of an interface's properties, as text without line breaks. */
function docsOf(name: string): Map<string, string> {
  const docs = new Map<string, string>();
  source.forEachChild((node) => {
    if (ts.isInterfaceDeclaration(node) && node.name.text === name) {
      for (const member of node.members.filter(ts.isPropertySignature)) {
        const comments = ts.getJSDocCommentsAndTags(member).filter(ts.isJSDoc);
        const text = comments.map((comment) => comment.getText()).join(" ");
        docs.set(member.name.getText(), text.replace(/\s*\n\s*\*?\s*/g, " "));
      }
    }
  });
  return docs;
}

/** The docstring of every input that a program may give, by the path that its effect has. */
function documented(): [path: string, doc: string][] {
  const nested = [...docsOf("OutputConfigArgs")].map(([name, doc]): [string, string] => [`outputConfig.${name}`, doc]);
  return [...docsOf("AigcImageTaskArgs"), ...nested].filter(([name]) => name !== "outputConfig");
}

test("every input has a docstring, hidden ones aside", () => {
  const visible = Object.entries(inputEffects).filter(([, effect]) => effect !== "hidden");
  expect(
    documented()
      .map(([name]) => name)
      .sort(),
  ).toEqual(visible.map(([name]) => name).sort());
});

describe("the docstring says whether a change bills", () => {
  test.each(documented())("%s", (name, doc) => {
    const bills = inputEffects[name as keyof typeof inputEffects] === "replaces";
    expect(doc.includes(billingLine)).toBe(bills);
    expect(doc.length).toBeGreaterThan(40);
  });

  test.each([...docsOf("FileInfoArgs")])("fileInfos[].%s", (_, doc) => {
    expect(doc).toContain(billingLine);
  });
});

describe("the docstring says where a field is from", () => {
  const request =
    "subAppId modelName modelVersion fileInfos prompt negativePrompt enhancePrompt outputConfig inputRegion";
  const rest = "sceneType seed sessionId sessionContext tasksPriority extInfo";
  test.each(`${request} ${rest}`.split(" "))("%s", (name) => {
    const parameter = name.charAt(0).toUpperCase() + name.slice(1);
    expect(docsOf("AigcImageTaskArgs").get(name)).toContain(`@see CreateAigcImageTask, parameter ${parameter}`);
  });
});
