import type { z } from "zod";
import { type GptOssError, messageOf } from "../../errors/errors.ts";
import { createError, type LocalizedText, localize, errorDetail } from "../../i18n/error-messages.ts";
import { isMap, isNode, isPair, isScalar, LineCounter, parseDocument } from "../../vendor/settings-formats.ts";

type Path = readonly PropertyKey[];

/** A definition's text, with the way from a path in it to a line. */
export class DefinitionSource {
  readonly value: unknown;
  readonly #path: string;
  readonly #document: ReturnType<typeof parseDocument> | undefined;
  readonly #lines = new LineCounter();

  /** @param path named in what is said about it */
  private constructor(path: string, text: string | undefined, value: unknown) {
    this.#path = path;
    if (text === undefined) {
      this.value = value;
      return;
    }
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    const [error] = this.#document.errors;
    if (error) throw this.#at(this.#lines.linePos(error.pos[0]).line, error.message.split("\n")[0] ?? "is no YAML");
    try {
      // with the failsafe schema every scalar is the text that stands in the file
      const written = parseDocument(text, { schema: "failsafe", prettyErrors: false, logLevel: "silent" });
      this.value = textAsWritten(this.#document.toJS(), written.toJS());
    } catch (failure) {
      // a ReferenceError: it unfolds into far more than it is
      throw this.#at(undefined, messageOf(failure));
    }
  }

  /** @throws GptOssError `usage` with the line where the YAML breaks off */
  static ofYaml(text: string, path: string): DefinitionSource {
    return new DefinitionSource(path, text, undefined);
  }

  /** For a definition written in code, which has no lines. */
  static ofValue(value: unknown): DefinitionSource {
    return new DefinitionSource("definition", undefined, value);
  }

  /** What is wrong, and on which line. */
  wrong(path: Path, message: LocalizedText, key?: string): GptOssError {
    const where = path.map(String).join(".");
    return this.#at(this.#lineOf(path, key), where === "" ? message : errorDetail("atField", where, message));
  }

  /** The first thing that zod found. */
  wrongIssue(issue: z.core.$ZodIssue): GptOssError {
    const { path, message, key } = deepest(issue);
    return this.wrong(path, message, key);
  }

  #at(line: number | undefined, message: LocalizedText): GptOssError {
    const what = typeof message === "string" ? message.replace(/\.$/, "") : message;
    return createError("badExperiment", [this.#path, line === undefined ? what : errorDetail("atLine", line, what)]);
  }

  /** Line of the value at a path, or of a key in it; of what is around it where it is missing. */
  #lineOf(path: Path, key?: string): number | undefined {
    const document = this.#document;
    if (!document) return undefined;
    const node: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
    if (key !== undefined && isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === key);
      if (pair && isScalar(pair.key)) return this.#lineAt(pair.key.range?.[0]);
    }
    if (isNode(node)) return this.#lineAt(node.range?.[0]);
    return path.length === 0 ? 1 : this.#lineOf(path.slice(0, -1));
  }

  #lineAt(offset: number | undefined): number | undefined {
    return offset === undefined ? undefined : this.#lines.linePos(offset).line;
  }
}

interface Finding {
  readonly path: Path;
  readonly message: LocalizedText;
  /** The key that should not be there. */
  readonly key?: string | undefined;
}

/** Of a union's branches the one that came furthest, since that is what was meant. */
function deepest(issue: z.core.$ZodIssue): Finding {
  const { path } = issue;
  if (issue.code === "unrecognized_keys") {
    const [key] = issue.keys;
    return { path, key, message: errorDetail("unknownKey", key ?? "?") };
  }
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const branches = issue.errors.flatMap(([first]) => (first ? [deepest(first)] : []));
    const best = branches.toSorted((a, b) => b.path.length - a.path.length)[0];
    if (best) return { ...best, path: [...path, ...best.path], message: unionMessage(branches, best) };
  }
  if (issue.code === "invalid_value") return { path, message: errorDetail("oneOf", issue.values.join(", ")) };
  if (issue.code === "invalid_type" && issue.message.endsWith("received undefined"))
    return { path, message: errorDetail("itIsMissing") };
  return { path, message: issue.message };
}

/** That a list would do too goes without saying. */
function unionMessage(branches: readonly Finding[], best: Finding): LocalizedText {
  const level = branches
    .filter(({ path }) => path.length === best.path.length)
    .map(({ message }) => localize("en", message));
  const said = level.filter((message) => !message.startsWith("Invalid input: expected array"));
  return [...new Set(said.length > 0 ? said : level)].join(", or ");
}

/** Where text stands in a definition; `*` is any key or index. What YAML takes for a number or a date is text here all the same. */
const TEXT_PATHS: readonly string[] = [
  "name",
  "description",
  "date",
  "baseline",
  "labels",
  "cases",
  "prompts.*",
  "cases.*.id",
  "cases.*.expected",
  "cases.*.expected.*",
  "cases.*.tags.*",
  "variables.*",
  "cases.*.variables.*",
  "cases.*.history.*.content",
  "settings.model",
  "settings.model.*",
  "tools.*.name",
  "tools.*.description",
  "requirements.*",
  "cases.*.turns.*.user",
  "variants.*.name",
  "variants.*.prompt",
  "variants.*.system",
  "variants.*.module",
];
const CHECK_TEXTS: readonly string[] = [
  "name",
  "value",
  "value.*",
  "pattern",
  "flags",
  "tool",
  "after",
  "prompt",
  "criteria",
  "module",
  "pass_pattern",
  "fail_pattern",
];
/** Where checks stand. */
const CHECKS: readonly string[] = ["checks.*", "cases.*.checks.*", "cases.*.turns.*.checks.*"];
const ALL_PATHS = [...TEXT_PATHS, ...CHECKS.flatMap((place) => CHECK_TEXTS.map((text) => `${place}.${text}`))];
const TEXT = ALL_PATHS.map((path) => path.split("."));

type Tree = Readonly<Record<string, unknown>> | readonly unknown[];

/**
 * Puts the text of a file in the place of what YAML or JSON makes of it, wherever a definition has text: 1.10 is not 1.1, and 01234 is a
 * postal code.
 * @param value as the file's types say
 * @param written the same with every scalar as the text in the file
 */
export function textAsWritten(value: unknown, written: unknown, paths: readonly (readonly string[])[] = TEXT): unknown {
  if (!isTree(value))
    return !isTree(written) && paths.some((path) => path.length === 0) ? textOf(value, written) : value;
  if (!isTree(value) || !isTree(written)) return value;
  const below = (key: string) => paths.flatMap(([first, ...rest]) => (first === "*" || first === key ? [rest] : []));
  if (Array.isArray(value) && Array.isArray(written))
    return value.map((item: unknown, index) => textAsWritten(item, written[index], below(String(index))));
  const texts = new Map(Object.entries(written));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, textAsWritten(item, texts.get(key), below(key))]),
  );
}

/** Nothing at all is no text: it stays what it is, and is reported where a text is missing. */
function textOf(value: unknown, written: unknown): unknown {
  return typeof value === "string" || written === "" || written === "~" ? value : written;
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !(value instanceof Date);
}
