/** The rules of one grammar in GBNF, llama.cpp's notation; a rule that is asked for twice is written once. */
export class Rules {
  readonly #bodies = new Map<string, string>();

  /** Writes a rule and gives its name: the one wished for, or that with a number behind it. */
  add(wish: string, body: string): string {
    const name = this.reserve(wish, body);
    this.#bodies.set(name, body);
    return name;
  }

  /** A name that nothing has yet, for a rule that refers to itself. With `body`, a name whose rule says the same will do. */
  reserve(wish: string, body?: string): string {
    const clean = wish.replaceAll(/[^A-Za-z0-9]+/g, "-").replaceAll(/^-+|-+$/g, "") || "rule";
    for (let number = 1; ; number++) {
      const name = number === 1 ? clean : `${clean}-${number}`;
      const taken = this.#bodies.get(name);
      if (taken !== undefined && (body === undefined || taken !== body)) continue;
      if (taken === undefined) this.#bodies.set(name, "");
      return name;
    }
  }

  define(name: string, body: string): void {
    this.#bodies.set(name, body);
  }

  toString(): string {
    return [...this.#bodies].map(([name, body]) => `${name} ::= ${body}\n`).join("");
  }
}

/** Text as it stands, as a literal. */
export function literal(text: string): string {
  const escaped = text
    .replaceAll("\\", "\\\\")
    .replaceAll('"', String.raw`\"`)
    .replaceAll("\n", String.raw`\n`)
    .replaceAll("\r", String.raw`\r`)
    .replaceAll("\t", String.raw`\t`);
  return `"${escaped}"`;
}

/** A value as JSON writes it, as a literal. */
export function jsonLiteral(value: unknown): string {
  return literal(JSON.stringify(value));
}

export function alternatives(choices: readonly string[]): string {
  const distinct = [...new Set(choices)];
  return distinct.length === 1 ? (distinct[0] ?? "") : `( ${distinct.join(" | ")} )`;
}

/** llama.cpp writes counted repetitions out one by one, and refuses many; longer ones are left to the check afterwards. */
const LONGEST_REPETITION = 500;

/** `{from,to}` behind an expression, or nearly so. */
export function repeated(expression: string, from: number, to: number | undefined): string {
  const least = Math.min(from, LONGEST_REPETITION);
  const most = to === undefined || to > LONGEST_REPETITION ? undefined : Math.max(to, least);
  if (least === 0 && most === undefined) return `${expression}*`;
  if (least === 1 && most === 1) return expression;
  if (most === 0) return "";
  return `${expression}{${least},${most ?? ""}}`;
}
