/** One line of a .gitignore file. */
interface IgnoreRule {
  /** Matches paths from the root on. */
  readonly pattern: RegExp;
  readonly isNegated: boolean;
  readonly isForFolders: boolean;
}

/** The rules of the .gitignore files from the root of a project down to one folder. */
export class IgnoreRules {
  readonly #rules: readonly IgnoreRule[];

  constructor(rules: readonly IgnoreRule[] = []) {
    this.#rules = rules;
  }

  /**
   * The same rules and those of another file, which count more.
   * @param folder where the file is, from the root on, with `/`; empty for the root
   */
  with(folder: string, text: string): IgnoreRules {
    const added = text.split(/\r?\n/).flatMap((line) => readRule(folder, line) ?? []);
    return new IgnoreRules([...this.#rules, ...added]);
  }

  /** @param path from the root on, with `/` */
  ignores(path: string, isFolder: boolean): boolean {
    const rule = this.#rules.findLast(({ pattern, isForFolders }) => (isFolder || !isForFolders) && pattern.test(path));
    return rule !== undefined && !rule.isNegated;
  }
}

/** Longer lines are no patterns that anybody wrote. */
const MAX_LENGTH = 500;

function readRule(folder: string, line: string): IgnoreRule | undefined {
  // spaces at the end count only behind a backslash
  let text = line.replace(/(?<!\\)[ \t]+$/, "");
  if (text === "" || text.startsWith("#") || text.length > MAX_LENGTH) return undefined;
  const isNegated = text.startsWith("!");
  if (isNegated) text = text.slice(1);
  const isForFolders = text.endsWith("/");
  if (isForFolders) text = text.slice(0, -1);
  const isAnchored = text.includes("/");
  const base = folder === "" ? "" : `${escaped(folder)}/`;
  const start = isAnchored ? base : `${base}(?:.*/)?`;
  const pattern = globPattern(text.replace(/^\//, ""));
  return pattern === undefined
    ? undefined
    : { pattern: new RegExp(`^${start}${pattern}$`, "s"), isNegated, isForFolders };
}

/** A part of a pattern: stars, a class of characters, an escaped character, or any character. */
const PART = /\*\*\/|\/\*\*$|\*+|\?|\[!?[^\]/]+\]|\\.|[\s\S]/g;
/** More stars than this take too long to compare, and nobody writes them. */
const MAX_STARS = 8;

function globPattern(glob: string): string | undefined {
  const parts = glob.match(PART) ?? [];
  if (parts.filter((part) => part.includes("*")).length > MAX_STARS) return undefined;
  return parts.map(partPattern).join("");
}

function partPattern(part: string): string {
  if (part === "**/") return "(?:.*/)?";
  if (part === "/**") return "/.*";
  if (part.startsWith("*")) return "[^/]*";
  if (part === "?") return "[^/]";
  if (part.length > 2 && part.startsWith("[")) {
    const isExcluding = part.startsWith("[!");
    return `[${isExcluding ? "^" : ""}${part.slice(isExcluding ? 2 : 1, -1).replaceAll(/[\\^\]]/g, String.raw`\$&`)}]`;
  }
  return escaped(part.length === 2 && part.startsWith("\\") ? part.slice(1) : part);
}

function escaped(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}/-]/g, String.raw`\$&`);
}
