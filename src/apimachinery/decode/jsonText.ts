import { goQuote } from "../goText.ts";
import type { MessagePlan } from "./compile.ts";
import { planOf } from "./compile.ts";
import { trail } from "./trail.ts";

/**
 * How many keys the objects of a valid JSON text seem to have: a guess that is right unless a key is set off from its
 * colon, or a text begins with one. Several times faster than `countTextKeys`.
 */
export function guessTextKeys(text: string): number {
  let count = 0;
  for (let at = text.indexOf('":'); at >= 0; at = text.indexOf('":', at + 2)) {
    if (text.charCodeAt(at - 1) !== 0x5c || !isEscaped(text, at)) count++;
  }
  return count;
}

/** How many keys the objects of a valid JSON text have: colons outside strings. */
export function countTextKeys(text: string): number {
  let count = 0;
  const { length } = text;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x3a) count++;
    else if (code === 0x22) {
      let end = text.indexOf('"', i + 1);
      while (text.charCodeAt(end - 1) === 0x5c && isEscaped(text, end)) end = text.indexOf('"', end + 1);
      i = end;
    }
  }
  return count;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes++;
  return backslashes % 2 === 1;
}

/** A parsed value in which objects keep every entry, in the order of the text; where it stands there. */
interface Node {
  from: number;
  to: number;
  entries?: [string, Node][];
  items?: Node[];
}

/** The text of the value at a path of fields in a valid JSON text; where a field stands twice, the last one counts. */
export function fieldText(json: string, path: readonly string[]): string | undefined {
  let node: Node | undefined = new Reader(json).value();
  for (const name of path) node = node?.entries?.findLast(([key]) => key === name)?.[1];
  return node && json.slice(node.from, node.to);
}

/** Tells the trail of unknown and duplicate fields in the order of the text; for texts known to have duplicates. */
export function strictWalk(text: string, plan: MessagePlan): void {
  walkMessage(new Reader(text).value(), plan);
}

function walkMessage(node: Node, plan: MessagePlan): void {
  if (!node.entries) return;
  const seen = new Set<string>();
  for (const [key, child] of node.entries) {
    const field = plan.fields.get(key);
    if (!field) {
      trail.unknownField(key);
      continue;
    }
    if (seen.has(key)) trail.duplicateField(key);
    seen.add(key);
    trail.enter(key, plan.struct);
    walkField(child, field.spec.type, field.spec.repeated);
    trail.leave();
  }
}

function walkField(node: Node, type: unknown, repeated: "list" | "map" | undefined): void {
  const walkItem = (child: Node) => {
    if (typeof type === "object") walkMessage(child, planOf(type as MessagePlan["message"]));
  };
  if (!repeated) walkItem(node);
  else if (node.items) walkItems(node.items, walkItem);
  else if (node.entries) walkEntries(node.entries, walkItem);
}

function walkEntries(entries: [string, Node][], walkItem: (item: Node) => void): void {
  const seen = new Set<string>();
  for (const [key, child] of entries) {
    if (seen.has(key)) trail.duplicateField(key);
    seen.add(key);
    trail.enter(key, "");
    walkItem(child);
    trail.leave();
  }
}

function walkItems(items: Node[], walkItem: (item: Node) => void): void {
  items.forEach((item, i) => {
    trail.enter(i, "");
    walkItem(item);
    trail.leave();
  });
}

/** Reads JSON that is known to be valid. */
class Reader {
  #text: string;
  #at = 0;
  constructor(text: string) {
    this.#text = text;
  }
  value(): Node {
    this.#space();
    const node: Node = { from: this.#at, to: this.#at };
    const first = this.#text[this.#at];
    if (first === "{") node.entries = this.#object();
    else if (first === "[") node.items = this.#array();
    else if (first === '"') this.#string();
    else while (this.#at < this.#text.length && !",]} \t\r\n".includes(this.#text[this.#at]!)) this.#at++;
    node.to = this.#at;
    return node;
  }
  #space(): void {
    while (" \t\r\n".includes(this.#text[this.#at] ?? "x")) this.#at++;
  }
  #object(): [string, Node][] {
    const entries: [string, Node][] = [];
    this.#at++;
    for (;;) {
      this.#space();
      if (this.#text[this.#at] === "}") break;
      const key = this.#string();
      this.#space();
      this.#at++; // the colon
      entries.push([key, this.value()]);
      this.#space();
      if (this.#text[this.#at] !== ",") break;
      this.#at++;
    }
    this.#at++;
    return entries;
  }
  #array(): Node[] {
    const items: Node[] = [];
    this.#at++;
    for (;;) {
      this.#space();
      if (this.#text[this.#at] === "]") break;
      items.push(this.value());
      this.#space();
      if (this.#text[this.#at] !== ",") break;
      this.#at++;
    }
    this.#at++;
    return items;
  }
  #string(): string {
    const start = this.#at;
    let end = this.#text.indexOf('"', start + 1);
    while (isEscaped(this.#text, end)) end = this.#text.indexOf('"', end + 1);
    this.#at = end + 1;
    return JSON.parse(this.#text.slice(start, end + 1)) as string;
  }
}

/** What Go's scanner says of a text that is not JSON; undefined when it is. */
export function jsonSyntaxError(text: string): string | undefined {
  const scan = new Scanner(text);
  try {
    scan.document();
    return undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return error.message;
    throw error;
  }
}

/** Follows Go's grammar one character at a time; at the end of the text Go tries one more space. */
class Scanner {
  #text: string[];
  #at = 0;
  constructor(text: string) {
    this.#text = [...text];
  }
  #peek(): string | undefined {
    return this.#text[this.#at];
  }
  #fail(context: string): never {
    const character = this.#peek();
    if (character === undefined) throw new SyntaxError("unexpected end of JSON input");
    const shown = character === "'" ? `'\\''` : character === '"' ? `'"'` : `'${goQuote(character).slice(1, -1)}'`;
    throw new SyntaxError(`invalid character ${shown} ${context}`);
  }
  #space(): void {
    while (" \t\r\n".includes(this.#peek() ?? "x")) this.#at++;
  }
  document(): void {
    this.#value("looking for beginning of value");
    this.#space();
    if (this.#peek() !== undefined) this.#fail("after top-level value");
  }
  #value(context: string): void {
    this.#space();
    const first = this.#peek();
    if (first === "{") this.#object();
    else if (first === "[") this.#array();
    else if (first === '"') this.#string();
    else if (first === "-" || (first !== undefined && first >= "0" && first <= "9")) this.#number();
    else if (first === "t") this.#literal("true");
    else if (first === "f") this.#literal("false");
    else if (first === "n") this.#literal("null");
    else this.#fail(context);
  }
  #literal(word: string): void {
    this.#at++;
    for (const expected of word.slice(1)) {
      // the space that Go tries at the end of the text does not fit here either
      if (this.#peek() === undefined)
        throw new SyntaxError(`invalid character ' ' in literal ${word} (expecting '${expected}')`);
      if (this.#peek() !== expected) this.#fail(`in literal ${word} (expecting '${expected}')`);
      this.#at++;
    }
  }
  #digits(context: string): void {
    const isDigit = () => /^[0-9]$/.test(this.#peek() ?? "");
    if (!isDigit()) {
      if (this.#peek() === undefined) throw new SyntaxError(`invalid character ' ' ${context}`);
      this.#fail(context);
    }
    while (isDigit()) this.#at++;
  }
  #number(): void {
    if (this.#peek() === "-") this.#at++;
    if (this.#peek() === "0") this.#at++;
    else this.#digits("in numeric literal");
    if (this.#peek() === ".") {
      this.#at++;
      this.#digits("after decimal point in numeric literal");
    }
    if (this.#peek() === "e" || this.#peek() === "E") {
      this.#at++;
      if (this.#peek() === "+" || this.#peek() === "-") this.#at++;
      this.#digits("in exponent of numeric literal");
    }
  }
  #string(): void {
    this.#at++;
    for (;;) {
      const character = this.#peek();
      if (character === undefined || character < " ") this.#fail("in string literal");
      this.#at++;
      if (character === '"') return;
      if (character !== "\\") continue;
      const escaped = this.#peek();
      if (escaped === undefined) throw new SyntaxError("invalid character ' ' in string escape code");
      if (!'bfnrtu\\/"'.includes(escaped)) this.#fail("in string escape code");
      this.#at++;
      for (let i = 0; escaped === "u" && i < 4; i++) {
        if (!/^[0-9a-fA-F]$/.test(this.#peek() ?? "")) this.#fail("in \\u hexadecimal character escape");
        this.#at++;
      }
    }
  }
  #object(): void {
    this.#at++;
    this.#space();
    if (this.#peek() === "}") {
      this.#at++;
      return;
    }
    for (;;) {
      this.#space();
      if (this.#peek() !== '"') this.#fail("looking for beginning of object key string");
      this.#string();
      this.#space();
      if (this.#peek() !== ":") this.#fail("after object key");
      this.#at++;
      this.#value("looking for beginning of value");
      this.#space();
      if (this.#peek() !== "," && this.#peek() !== "}") this.#fail("after object key:value pair");
      if (this.#text[this.#at++] === "}") return;
    }
  }
  #array(): void {
    this.#at++;
    this.#space();
    if (this.#peek() === "]") {
      this.#at++;
      return;
    }
    for (;;) {
      this.#value("looking for beginning of value");
      this.#space();
      if (this.#peek() !== "," && this.#peek() !== "]") this.#fail("after array element");
      if (this.#text[this.#at++] === "]") return;
    }
  }
}
