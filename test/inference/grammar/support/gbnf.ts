/*
 * A matcher for the part of GBNF that our grammars use, written from llama.cpp's description of the notation (grammars/README.md). It
 * follows all readings at once, so that what it refuses no reading accepts. A control token is matched as its text.
 */

type Node =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "class"; readonly pattern: RegExp }
  | { readonly kind: "rule"; readonly name: string }
  | { readonly kind: "sequence"; readonly nodes: readonly Node[] }
  | { readonly kind: "choice"; readonly nodes: readonly Node[] }
  | { readonly kind: "repeat"; readonly node: Node; readonly least: number; readonly most: number };

/** Whether a whole text is one that the grammar's root, or another rule, allows. */
export function accepts(grammar: string, text: string, root = "root"): boolean {
  const rules = new Map(
    grammar
      .split("\n")
      .filter((line) => line.includes("::="))
      .map((line): [string, Node] => {
        const [name = "", body = ""] = line.split(/ ::= ?(.*)/s);
        return [name, new Reader(body).choice()];
      }),
  );
  const known = new Map<string, ReadonlySet<number>>();

  function ends(node: Node, at: number): ReadonlySet<number> {
    if (node.kind === "text") return new Set(text.startsWith(node.text, at) ? [at + node.text.length] : []);
    if (node.kind === "class") {
      const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
      return new Set(at < text.length && node.pattern.test(character) ? [at + character.length] : []);
    }
    if (node.kind === "choice") return new Set(node.nodes.flatMap((choice) => [...ends(choice, at)]));
    if (node.kind === "sequence") {
      return node.nodes.reduce<ReadonlySet<number>>((from, part) => after(from, part), new Set([at]));
    }
    return node.kind === "rule" ? endsOfRule(node.name, at) : endsOfRepeat(node, at);
  }

  function endsOfRule(name: string, at: number): ReadonlySet<number> {
    const key = `${name}@${at}`;
    const rule = rules.get(name);
    if (rule === undefined) throw new Error(`there is no rule ${name}`);
    const result = known.get(key) ?? ends(rule, at);
    known.set(key, result);
    return result;
  }

  function endsOfRepeat({ node, least, most }: Node & { kind: "repeat" }, at: number): ReadonlySet<number> {
    let here: ReadonlySet<number> = new Set([at]);
    const all = new Set(least === 0 ? [at] : []);
    for (let count = 1; count <= most && here.size > 0; count++) {
      const next: ReadonlySet<number> = new Set([...after(here, node)].filter((end) => !all.has(end)));
      if (count >= least) for (const end of next) all.add(end);
      here = next;
    }
    return all;
  }

  function after(from: ReadonlySet<number>, node: Node): ReadonlySet<number> {
    const all = new Set<number>();
    for (const start of from) for (const end of ends(node, start)) all.add(end);
    return all;
  }

  return ends({ kind: "rule", name: root }, 0).has(text.length);
}

class Reader {
  #at = 0;
  readonly #body: string;

  constructor(body: string) {
    this.#body = body;
  }

  choice(): Node {
    const nodes = [this.#sequence()];
    while (this.#take(/\s*\|/y) !== undefined) nodes.push(this.#sequence());
    return { kind: "choice", nodes };
  }

  #sequence(): Node {
    const nodes: Node[] = [];
    for (let item = this.#item(); item !== undefined; item = this.#item()) nodes.push(this.#repeated(item));
    return { kind: "sequence", nodes };
  }

  #repeated(node: Node): Node {
    const sign = this.#take(/[*+?]|\{\d+(?:,\d*)?\}/y)?.[0];
    if (sign === undefined) return node;
    const [least, most] = sign.startsWith("{")
      ? bounds(sign)
      : ({ "*": [0, Infinity], "+": [1, Infinity], "?": [0, 1] }[sign] ?? []);
    return { kind: "repeat", node, least: least ?? 0, most: most ?? 0 };
  }

  #item(): Node | undefined {
    this.#take(/\s+/y);
    const literal = this.#take(/"((?:[^"\\]|\\.)*)"/y)?.[1];
    if (literal !== undefined) return { kind: "text", text: unescape(literal) };
    const characters = this.#take(/\[(?:[^\]\\]|\\.)+\]/y)?.[0];
    if (characters !== undefined) return { kind: "class", pattern: classPattern(characters) };
    const token = this.#take(/<\|\w+\|>/y)?.[0];
    if (token !== undefined) return { kind: "text", text: token };
    if (this.#take(/\./y) !== undefined) return { kind: "class", pattern: /^.$/su };
    const name = this.#take(/[A-Za-z0-9-]+/y)?.[0];
    if (name !== undefined) return { kind: "rule", name };
    if (this.#take(/\(/y) === undefined) return undefined;
    const inner = this.choice();
    if (this.#take(/\s*\)/y) === undefined) throw new Error(`a bracket is open in: ${this.#body}`);
    return inner;
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#body) ?? undefined;
    if (match !== undefined) this.#at = pattern.lastIndex;
    return match;
  }
}

/** JavaScript has another escape for code points beyond the first plane, and needs some signs escaped that GBNF does not. */
function classPattern(characters: string): RegExp {
  return new RegExp(`^${characters.replaceAll(/\\U([0-9A-F]{8})/g, String.raw`\u{$1}`)}$`, "u");
}

function bounds(sign: string): [number, number] {
  const [least = "", most] = sign.slice(1, -1).split(",");
  return [Number(least), most === undefined ? Number(least) : most === "" ? Infinity : Number(most)];
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/gs, (_, character: string) => ESCAPES[character] ?? character);
}
