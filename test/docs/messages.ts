import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { repository } from "./markdown";

/** An error, or what a picture that is not ready says of itself: its parts, as the code has them. */
export interface Told {
  readonly what: string;
  readonly billed: string;
  readonly nextStep: string;
}

/** All that one source file can say. What is known only when it is said is `<named>`. */
export interface Messages {
  /** Path in the repository. */
  readonly file: string;
  readonly told: readonly Told[];
  /** Texts that are said without such parts: rules of inputs, lines of the log. */
  readonly texts: readonly string[];
}

/** Fewer words than this are a name or a value. */
const fewestWords = 3;

/** Folders of the code that users meet. The emulator answers as the service does, whose errors are the service's. */
const folders = ["provider", "command", "engine"];

/**
 * Reads the code for every text that a user can meet. It goes by the texts themselves, not by the ways of saying
 * them: one that is in no error with its parts is a text of its own, so that none can be left out.
 */
export function messagesInCode(): Messages[] {
  const sources = folders
    .flatMap((folder) =>
      readdirSync(join(repository, folder), { recursive: true, encoding: "utf8" }).map((file) => `${folder}/${file}`),
    )
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts"))
    .sort()
    .map((file) =>
      ts.createSourceFile(file, readFileSync(join(repository, file), "utf8"), ts.ScriptTarget.Latest, true),
    );
  const reader = new Reader(new Map(sources.flatMap(exportedTexts)));
  const found = sources.map((source) => ({ file: source.fileName, ...reader.read(source) }));
  return found.map(({ file, told, texts }) => ({
    file,
    told: unique(told),
    // What is put into others is said there.
    texts: unique(texts.filter(({ node }) => !reader.inserted.has(node)).flatMap(({ said }) => said)).filter(
      isSentence,
    ),
  }));
}

type Named = [name: string, text: ts.Expression];

/** Texts that other files can name. The package's version is another one each time. */
function exportedTexts(source: ts.SourceFile): Named[] {
  return source.statements
    .filter(ts.isVariableStatement)
    .filter(({ modifiers }) => modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword))
    .flatMap(({ declarationList }) => [...declarationList.declarations])
    .flatMap(textOf)
    .filter(([name]) => name !== "version");
}

/** Texts that have a name in a file; a name that has several meanings has none here. */
function localTexts(source: ts.SourceFile): Named[] {
  const texts: Named[] = [];
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node)) texts.push(...textOf(node));
    if (ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isBindingElement(node))
      names.push(node.name.getText());
    node.forEachChild(visit);
  };
  visit(source);
  return texts.filter(([name]) => names.filter((other) => other === name).length === 1);
}

function importedNames(source: ts.SourceFile): Set<string> {
  const bindings = source.statements.flatMap((statement) => {
    const named = ts.isImportDeclaration(statement) ? statement.importClause?.namedBindings : undefined;
    return named && ts.isNamedImports(named) ? [...named.elements] : [];
  });
  return new Set(bindings.map(({ name }) => name.text));
}

function textOf({ name, initializer }: ts.VariableDeclaration): Named[] {
  return initializer && isText(initializer) ? [[name.getText(), initializer]] : [];
}

class Reader {
  readonly inserted = new Set<ts.Node>();

  private named: ReadonlyMap<string, ts.Expression> = new Map();

  constructor(private readonly exported: ReadonlyMap<string, ts.Expression>) {}

  read(source: ts.SourceFile): { told: Told[]; texts: { node: ts.Node; said: string[] }[] } {
    const imported = importedNames(source);
    this.named = new Map([...[...this.exported].filter(([name]) => imported.has(name)), ...localTexts(source)]);
    const told: Told[] = [];
    const texts: { node: ts.Node; said: string[] }[] = [];
    const visit = (node: ts.Node): void => {
      const parts = partsOf(node);
      if (parts) told.push(...this.told(parts));
      else if (isNoMessage(node)) return;
      else if (isText(node)) texts.push({ node, said: this.said(node) });
      else if (!ts.isImportDeclaration(node) && !ts.isExportDeclaration(node)) node.forEachChild(visit);
    };
    visit(source);
    return { told, texts };
  }

  private told({ what, billed, nextStep }: Record<keyof Told, ts.Expression>): Told[] {
    const steps = this.said(nextStep);
    const bills = this.said(billed).join(" or ");
    return this.said(what).flatMap((happened) =>
      steps.map((step) => ({ what: happened, billed: bills, nextStep: step })),
    );
  }

  /** All that an expression can come to. */
  private said(node: ts.Expression): string[] {
    if (ts.isStringLiteralLike(node)) return [node.text];
    if (ts.isParenthesizedExpression(node)) return this.said(node.expression);
    if (ts.isConditionalExpression(node)) return [...this.said(node.whenTrue), ...this.said(node.whenFalse)];
    if (ts.isAsExpression(node)) return this.said(node.expression);
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
      return joined(this.said(node.left), this.said(node.right));
    }
    if (ts.isTemplateExpression(node)) {
      return node.templateSpans.reduce(
        (texts, { expression, literal }) => joined(texts, this.put(expression), [literal.text]),
        [node.head.text],
      );
    }
    if (!ts.isIdentifier(node)) return [`<${nameOf(node)}>`];
    const text = this.named.get(node.text);
    if (text === undefined) return [`<${node.text}>`];
    this.inserted.add(text);
    return this.said(text);
  }

  /** What is put into a text: a choice within it is not told apart. */
  private put(node: ts.Expression): string[] {
    return ts.isConditionalExpression(node) ? [`<${nameOf(node.condition)}>`] : this.said(node);
  }
}

/** The parts of an error, or of what a picture says of itself. */
function partsOf(node: ts.Node): Record<keyof Told, ts.Expression> | undefined {
  const [first, second] = ts.isNewExpression(node) ? (node.arguments ?? []) : [undefined, node];
  if (second === undefined || !ts.isObjectLiteralExpression(second)) return undefined;
  const partNamed = (name: string) =>
    second.properties
      .map((property) => {
        if (ts.isPropertyAssignment(property))
          return property.name.getText() === name ? property.initializer : undefined;
        return ts.isShorthandPropertyAssignment(property) && property.name.text === name ? property.name : undefined;
      })
      .find((value) => value !== undefined);
  const [what, billed, nextStep] = [first ?? partNamed("what"), partNamed("billed"), partNamed("nextStep")];
  return what && billed && nextStep && { what, billed, nextStep };
}

/** What is sent, and the help of a command, which docs/commands.md has. */
function isNoMessage(node: ts.Node): boolean {
  if (ts.isPropertyAssignment(node)) return ["Prompt", "help", "summary"].includes(node.name.getText());
  return ts.isVariableDeclaration(node) && node.name.getText() === "help";
}

function isText(node: ts.Node): node is ts.Expression {
  if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) return !ts.isLiteralTypeNode(node.parent);
  if (ts.isParenthesizedExpression(node)) return isText(node.expression);
  if (ts.isConditionalExpression(node)) return isText(node.whenTrue) || isText(node.whenFalse);
  return (
    ts.isBinaryExpression(node) &&
    node.operatorToken.kind === ts.SyntaxKind.PlusToken &&
    (isText(node.left) || isText(node.right))
  );
}

/** The last name in an expression, which says best what its value is. */
function nameOf(node: ts.Node): string {
  if (ts.isIdentifier(node)) return node.text;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isCallExpression(node)) return nameOf(node.expression);
  if (ts.isPropertyAccessExpression(node)) {
    const isMethod = ts.isCallExpression(node.parent);
    return isMethod ? nameOf(node.expression) : node.name.text;
  }
  if (ts.isElementAccessExpression(node)) return nameOf(node.argumentExpression);
  const [inner] = node.getChildren().filter((child) => !ts.isToken(child) || ts.isIdentifier(child));
  return inner === undefined ? "…" : nameOf(inner);
}

function joined(...parts: string[][]): string[] {
  return parts.reduce((texts, part) => texts.flatMap((text) => part.map((more) => text + more)), [""]);
}

function isSentence(text: string): boolean {
  return text.split(/\s+/).filter((word) => /^[`"'(]?[A-Za-z]+['’a-z]*[,.:;)`"']*$/.test(word)).length >= fewestWords;
}

function unique<T>(all: readonly T[]): T[] {
  return [...new Map(all.map((each) => [JSON.stringify(each), each])).values()];
}
