import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const root = join(import.meta.dirname, "..", "..");

/** A member of a documented type. */
export interface Member {
  readonly name: string;
  readonly description: string;
  readonly type: ts.TypeNode;
  readonly optional: boolean;
}

/** A type of the source, or a class, with its docstrings. */
export interface Documented {
  readonly description: string;
  readonly members: readonly Member[];
  /** Whether it takes further members of any name. */
  readonly isOpen: boolean;
}

/** The docstrings of a source file, which is not compiled. */
export class Docs {
  private readonly types = new Map<string, Documented>();
  private readonly constants = new Map<string, ReadonlyMap<string, string>>();

  constructor(paths: readonly string[]) {
    for (const path of paths) {
      const text = readFileSync(join(root, path), "utf8");
      ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true).forEachChild((node) => this.add(node));
    }
  }

  /** @throws where no file has a type of this name */
  of(name: string): Documented {
    const found = this.types.get(name);
    if (found === undefined) throw new Error(`No source file has the type ${name}.`);
    return found;
  }

  /** What a constant object says of a member. */
  ofValue(constant: string, member: string): string {
    return this.constants.get(constant)?.get(member) ?? "";
  }

  private add(node: ts.Node): void {
    if (ts.isInterfaceDeclaration(node) || ts.isClassDeclaration(node)) {
      if (node.name === undefined) return;
      const members = [...node.members].flatMap(memberOf);
      const isOpen = node.members.some(ts.isIndexSignatureDeclaration);
      this.types.set(node.name.text, { description: descriptionOf(node), members, isOpen });
    }
    if (ts.isTypeAliasDeclaration(node)) this.describe(node.name.text, descriptionOf(node));
    if (ts.isVariableStatement(node)) {
      for (const { name, initializer } of node.declarationList.declarations) {
        // The value has the name of its type, and is described where the two are one thing.
        this.describe(name.getText(), descriptionOf(node));
        const object = initializer && ts.isAsExpression(initializer) ? initializer.expression : undefined;
        if (object === undefined || !ts.isObjectLiteralExpression(object)) continue;
        const described = object.properties.map((one) => [one.name?.getText() ?? "", descriptionOf(one)] as const);
        this.constants.set(name.getText(), new Map(described));
      }
    }
  }

  private describe(name: string, description: string): void {
    if (description !== "") this.types.set(name, { description, members: [], isOpen: false });
  }
}

/** Members that a program reads: no methods, nothing static or private. */
function memberOf(node: ts.TypeElement | ts.ClassElement): Member[] {
  const isRead = ts.isPropertySignature(node) || ts.isPropertyDeclaration(node) || ts.isGetAccessorDeclaration(node);
  if (!isRead || node.type === undefined) return [];
  const hidden = ts.ModifierFlags.Static | ts.ModifierFlags.Private;
  if (ts.getCombinedModifierFlags(node) & hidden) return [];
  const optional = node.questionToken !== undefined;
  return [{ name: node.name.getText(), description: descriptionOf(node), type: node.type, optional }];
}

/** A docstring as Markdown: its paragraphs, then its default and what of the API it is. */
function descriptionOf(node: ts.Node): string {
  const docs = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  const paragraphs = docs.flatMap(({ comment, tags }) => [
    ...paragraphsOf(textOf(comment)),
    ...(tags ?? []).flatMap(tagText),
  ]);
  return paragraphs.join("\n\n");
}

function tagText(tag: ts.JSDocTag): string[] {
  // What follows `@see` is taken for a name of the code; as it is written it is what to look for.
  const [line = ""] = paragraphsOf(tag.getText().replace(/^@\w+|\s\*(?=\s|$)/g, ""));
  if (tag.tagName.text === "default") return [`Default: ${line}.`];
  return tag.tagName.text === "see" ? [`See ${line}.`] : [];
}

function textOf(comment: string | ts.NodeArray<ts.JSDocComment> | undefined): string {
  if (comment === undefined || typeof comment === "string") return comment ?? "";
  return comment
    .map((part) => (ts.isJSDocLink(part) ? `\`${part.name?.getText() ?? part.text}\`` : part.text))
    .join("");
}

function paragraphsOf(text: string): string[] {
  const paragraphs = text.split(/\n\s*\n/).map((paragraph) => paragraph.replace(/\s*\n\s*/g, " ").trim());
  return paragraphs.filter((paragraph) => paragraph !== "");
}
