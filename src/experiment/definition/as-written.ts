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
  "cases.*.variables.*",
  "cases.*.history.*.content",
  "settings.model",
  "settings.model.*",
  "tools.*.name",
  "tools.*.description",
  "requirements.*",
  "checks.*.name",
  "checks.*.value",
  "checks.*.value.*",
  "checks.*.pattern",
  "checks.*.flags",
  "checks.*.tool",
  "checks.*.prompt",
  "checks.*.module",
  "checks.*.pass_pattern",
  "checks.*.fail_pattern",
];
const TEXT = TEXT_PATHS.map((path) => path.split("."));

type Tree = Readonly<Record<string, unknown>> | readonly unknown[];

/**
 * Puts the text of a file in the place of what YAML or JSON makes of it, wherever a definition has text: 1.10 is not 1.1, and 01234 is a
 * postal code.
 * @param value as the file's types say
 * @param written the same with every scalar as the text in the file
 */
export function textAsWritten(value: unknown, written: unknown, paths: readonly (readonly string[])[] = TEXT): unknown {
  if (isScalar(value))
    return isScalar(written) && paths.some((path) => path.length === 0) ? textOf(value, written) : value;
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

function isScalar(value: unknown): boolean {
  return !isTree(value);
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !(value instanceof Date);
}
