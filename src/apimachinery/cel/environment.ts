/**
 * CEL, the language of the expressions within API objects: parsed, checked and evaluated by @marcbachmann/cel-js
 * (designs/016-cel.md), with the types and functions that Kubernetes adds. Loaded when the first expression is met.
 */
import { createRequire } from "node:module";
import type { ASTNode, Environment, ParseResult } from "@marcbachmann/cel-js";
import { addQuantities } from "./quantities.ts";
import { addSemanticVersions } from "./semanticVersions.ts";

export type { Environment } from "@marcbachmann/cel-js";

type Library = typeof import("@marcbachmann/cel-js");

let loaded: Library | undefined;
function library(): Library {
  loaded ??= createRequire(import.meta.url)("@marcbachmann/cel-js") as Library;
  return loaded;
}

/** An expression that cannot be read, or that fails for the values it is given; the message fits on one line. */
export class CelError extends Error {}

/** An expression that was read and checked. */
export interface Expression<Variables extends object> {
  /** Throws CelError where CEL ends in an error, as for a key that is not there. */
  evaluate(variables: Variables): unknown;
}

/** The variables, and their types, that an expression may use: made on first use. */
export class ExpressionLanguage<Variables extends object> {
  readonly #declare: (environment: Environment) => void;
  #environment: Environment | undefined;

  constructor(declare: (environment: Environment) => void) {
    this.#declare = declare;
  }
  /** Throws CelError unless the text is an expression of this type, such as "bool". */
  compile(text: string, type: string): Expression<Variables> {
    const parsed = guarded(() => this.#parse(text));
    const checked = guarded(() => parsed.check());
    if (!checked.valid) throw new CelError(firstLine(checked.error));
    if (checked.type !== type && checked.type !== "dyn") {
      throw new CelError(`must evaluate to ${type}, not to ${checked.type}`);
    }
    return { evaluate: (variables) => guarded(() => parsed(variables)) };
  }
  #parse(text: string): ParseResult {
    const environment = this.#prepared();
    const parsed = environment.parse(text);
    const rewritten = withPlainPresence(parsed.ast);
    return rewritten === undefined ? parsed : environment.parse(rewritten);
  }
  #prepared(): Environment {
    if (!this.#environment) {
      this.#environment = new (library().Environment)({ enableOptionalTypes: true });
      addQuantities(this.#environment);
      addSemanticVersions(this.#environment);
      this.#declare(this.#environment);
    }
    return this.#environment;
  }
}

function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new CelError(firstLine(error));
  }
}

const firstLine = (error: unknown): string => (error as Error).message.split("\n", 1)[0]!;

/**
 * The library takes `has(a.b.c)`, but not `has(a["b"].c)`, which CEL allows: that asks whether `"c" in a["b"]`.
 * Undefined: there is nothing of the kind.
 */
function withPlainPresence(ast: ASTNode): string | undefined {
  const source = ast.input;
  const edits: { from: number; to: number; text: string }[] = [];
  visit(ast, (node) => {
    if (node.op !== "call" || node.args[0] !== "has") return;
    const [selected] = node.args[1];
    if (selected?.op !== ".") return;
    const [of, field] = selected.args;
    if (!isIndexed(of)) return;
    const text = `(${JSON.stringify(field)} in ${library().serialize(of)})`;
    edits.push({ from: node.range.start, to: node.range.end, text });
  });
  if (edits.length === 0) return undefined;
  let rewritten = source;
  for (const { from, to, text } of edits.sort((a, b) => b.from - a.from)) {
    rewritten = rewritten.slice(0, from) + text + rewritten.slice(to);
  }
  return rewritten;
}

function isIndexed(node: ASTNode): boolean {
  if (node.op === "[]") return true;
  return node.op === "." && isIndexed(node.args[0]);
}

function visit(value: unknown, see: (node: ASTNode) => void): void {
  if (Array.isArray(value)) for (const one of value) visit(one, see);
  else if (typeof value === "object" && value !== null && "op" in value && "args" in value) {
    see(value as ASTNode);
    visit(value.args, see);
  }
}
