/*
 * A grammar while it is written. It stays a tree until its end, so that what can never be completed can be left out: a union keeps its
 * possible members, and an optional property that nothing fits is not offered.
 */

export type Expression =
  /** Characters as they stand. */
  | { readonly kind: "literal"; readonly text: string }
  /** One character, in GBNF. */
  | { readonly kind: "class"; readonly gbnf: string }
  /** A control token as one token, which no spelling of its name can replace. */
  | { readonly kind: "token"; readonly text: string }
  | { readonly kind: "rule"; readonly name: string }
  | { readonly kind: "sequence"; readonly parts: readonly Expression[] }
  /** Without parts it is what nothing fits. */
  | { readonly kind: "choice"; readonly parts: readonly Expression[] }
  | { readonly kind: "repeat"; readonly part: Expression; readonly least: number; readonly most: number | undefined };

export const NOTHING: Expression = { kind: "choice", parts: [] };
export const EMPTY: Expression = { kind: "sequence", parts: [] };

export function literal(text: string): Expression {
  return { kind: "literal", text };
}

export function token(text: string): Expression {
  return { kind: "token", text };
}

export function characterClass(gbnf: string): Expression {
  return { kind: "class", gbnf };
}

export function sequence(...parts: readonly Expression[]): Expression {
  const flat = parts.flatMap((part) => (part.kind === "sequence" ? part.parts : [part]));
  return flat.length === 1 ? (flat[0] as Expression) : { kind: "sequence", parts: flat };
}

export function choice(parts: readonly Expression[]): Expression {
  const flat = parts.flatMap((part) => (part.kind === "choice" ? part.parts : [part]));
  const seen = new Set<string>();
  const distinct = flat.filter((part) => {
    const key = part.kind === "literal" ? `"${part.text}` : part.kind === "rule" ? part.name : undefined;
    if (key === undefined) return true;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
  return distinct.length === 1 ? (distinct[0] as Expression) : { kind: "choice", parts: distinct };
}

export function optional(part: Expression): Expression {
  return repeated(part, 0, 1);
}

/** llama.cpp writes counted repetitions out one by one, and refuses more; longer ones are left to the check afterwards. */
export const MAX_REPETITIONS = 500;

export function repeated(part: Expression, least: number, most: number | undefined): Expression {
  if (most === 0) return EMPTY;
  if (least === 1 && most === 1) return part;
  const from = Math.min(least, MAX_REPETITIONS);
  const to = most === undefined || most > MAX_REPETITIONS ? undefined : most;
  return { kind: "repeat", part, least: from, most: to };
}

/** The rules of one grammar in GBNF, llama.cpp's notation; a rule that is asked for twice is written once. */
export class Rules {
  readonly #bodies = new Map<string, Expression | undefined>();
  readonly #names = new Map<string, string>();
  /** Rules that a text is known to fit. */
  readonly #possible = new Set<string>();
  /** The number to try next behind a name. */
  readonly #next = new Map<string, number>();

  get size(): number {
    return this.#bodies.size;
  }

  /** A rule of this content: the name wished for, or that with a number behind it. */
  add(wish: string, body: Expression): Expression {
    if (body.kind === "rule") return body;
    const key = written(body);
    const known = this.#names.get(key);
    if (known !== undefined) return { kind: "rule", name: known };
    const name = this.reserve(wish);
    this.define(name, body);
    this.#names.set(key, name);
    return { kind: "rule", name };
  }

  /** What stands for `key`, made when it is first asked for. */
  shared(key: string, make: () => Expression): Expression {
    const known = this.#names.get(` ${key}`);
    if (known !== undefined) return { kind: "rule", name: known };
    const made = make();
    if (made.kind === "rule") this.#names.set(` ${key}`, made.name);
    return made;
  }

  /** A name that nothing has yet, for a rule that refers to itself. */
  reserve(wish: string): string {
    const clean =
      wish
        .replaceAll(/[^A-Za-z0-9]+/g, "-")
        .replaceAll(/^-+|-+$/g, "")
        .slice(0, 60) || "rule";
    for (let number = this.#next.get(clean) ?? 1; ; number++) {
      const name = number === 1 ? clean : `${clean}-${number}`;
      if (this.#bodies.has(name)) continue;
      this.#next.set(clean, number + 1);
      this.#bodies.set(name, undefined);
      return name;
    }
  }

  define(name: string, body: Expression): void {
    this.#bodies.set(name, body);
  }

  /** Whether any text at all fits a rule. */
  isPossible(name: string): boolean {
    this.#findPossible(name);
    return this.#possible.has(name);
  }

  /** The grammar as it is sent: the rules that `root` needs, without what can never be completed. */
  toString(): string {
    this.#findPossible("root");
    const needed = new Set(["root"]);
    const lines: string[] = [];
    for (const name of needed) {
      const body = prune(this.#bodies.get(name) ?? NOTHING, this.#possible);
      for (const inner of rulesIn(body ?? NOTHING)) needed.add(inner);
      lines.push(`${name} ::= ${written(body ?? NOTHING, true)}\n`);
    }
    return lines.join("");
  }

  /** Looks at the rules that one needs, from those that end by themselves outwards. */
  #findPossible(start: string): void {
    const users = new Map<string, string[]>();
    const reached = new Set([start]);
    for (const name of reached) {
      // one that is known is not looked at again, nor what it needs: many tools share their rules
      if (this.#possible.has(name)) continue;
      for (const used of rulesIn(this.#bodies.get(name) ?? NOTHING)) {
        addTo(users, used, name);
        reached.add(used);
      }
    }
    const waiting = [...reached];
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      const body = this.#bodies.get(name);
      if (this.#possible.has(name) || body === undefined || !canEnd(body, this.#possible)) continue;
      this.#possible.add(name);
      waiting.push(...(users.get(name) ?? []));
    }
  }
}

function addTo(map: Map<string, string[]>, key: string, value: string): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

function canEnd(expression: Expression, possible: ReadonlySet<string>): boolean {
  switch (expression.kind) {
    case "rule":
      return possible.has(expression.name);
    case "sequence":
      return expression.parts.every((part) => canEnd(part, possible));
    case "choice":
      return expression.parts.some((part) => canEnd(part, possible));
    case "repeat":
      return expression.least === 0 || canEnd(expression.part, possible);
    case "literal":
    case "class":
    case "token":
    default:
      return true;
  }
}

/** Without what can't be completed; undefined when nothing is left. */
function prune(expression: Expression, possible: ReadonlySet<string>): Expression | undefined {
  if (!canEnd(expression, possible)) return undefined;
  if (expression.kind === "sequence") {
    return sequence(...expression.parts.map((part) => prune(part, possible) ?? EMPTY));
  }
  if (expression.kind === "choice") {
    return choice(expression.parts.map((part) => prune(part, possible)).filter((part) => part !== undefined));
  }
  if (expression.kind !== "repeat") return expression;
  const part = prune(expression.part, possible);
  return part === undefined ? EMPTY : { ...expression, part };
}

function rulesIn(expression: Expression): readonly string[] {
  if (expression.kind === "rule") return [expression.name];
  if (expression.kind === "repeat") return rulesIn(expression.part);
  return "parts" in expression ? expression.parts.flatMap(rulesIn) : [];
}

/** An expression in GBNF; several things side by side get brackets unless they are a whole rule. */
function written(expression: Expression, isWhole = false): string {
  switch (expression.kind) {
    case "literal":
      return quoted(expression.text);
    case "class":
      return expression.gbnf;
    case "token":
      return expression.text;
    case "rule":
      return expression.name;
    case "sequence": {
      const parts = expression.parts.map((part) => written(part)).filter((part) => part !== "");
      // an empty line would make the next rule part of this one
      if (parts.length === 0) return isWhole ? '""' : "";
      return isWhole || parts.length === 1 ? parts.join(" ") : `( ${parts.join(" ")} )`;
    }
    case "choice": {
      const parts = expression.parts.map((part) => written(part, true));
      return isWhole ? parts.join(" | ") : `( ${parts.join(" | ")} )`;
    }
    case "repeat":
    default:
      return repetition(expression.part, expression.least, expression.most);
  }
}

function repetition(part: Expression, least: number, most: number | undefined): string {
  const inner = written(part);
  // a literal of several characters is repeated as a whole in GBNF as well
  if (inner === "") return "";
  if (least === 0 && most === undefined) return `${inner}*`;
  if (least === 0 && most === 1) return `${inner}?`;
  if (least === 1 && most === undefined) return `${inner}+`;
  return `${inner}{${least},${most ?? ""}}`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": String.raw`\\`,
  '"': String.raw`\"`,
  "\n": String.raw`\n`,
  "\r": String.raw`\r`,
  "\t": String.raw`\t`,
};

function quoted(text: string): string {
  return `"${text.replaceAll(/[\\"\n\r\t]/g, (character) => ESCAPES[character] ?? character)}"`;
}
