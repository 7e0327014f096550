/**
 * The one grammar of prompts and checks: `{{name}}`, where a name has letters of any script, digits and underscores and does not begin
 * with a digit. Everything else is literal, other double braces included. A backslash before a placeholder makes it literal.
 * Backslashes before a placeholder are matched only from the first of them, so that a long row of them costs no more than its length.
 */
const PLACEHOLDER = /(?<!\\)(\\*)\{\{\s*([\p{L}_][\p{L}\p{M}\p{N}_]*)\s*\}\}/gu;
const NAME = /^[\p{L}_][\p{L}\p{M}\p{N}_]*$/u;

/** A piece of a template: text as it is, or a placeholder. */
export type TemplatePart = { readonly literal: string } | { readonly name: string; readonly offset: number };

/** Whether a variable of this name can stand in `{{…}}`. */
export function isTemplateName(name: string): boolean {
  return NAME.test(name);
}

/** Composed and decomposed characters (が in one code point or in two) make one name. */
export function templateName(name: string): string {
  return name.normalize("NFC");
}

export function parseTemplate(template: string): readonly TemplatePart[] {
  const parts: TemplatePart[] = [];
  let end = 0;
  for (const { 0: whole, 1: backslashes = "", 2: name = "", index } of template.matchAll(PLACEHOLDER)) {
    const literal = template.slice(end, index) + "\\".repeat(Math.floor(backslashes.length / 2));
    const placeholder = whole.slice(backslashes.length);
    end = index + whole.length;
    if (backslashes.length % 2 === 1) parts.push({ literal: literal + placeholder });
    else parts.push({ literal }, { name: templateName(name), offset: end - placeholder.length });
  }
  parts.push({ literal: template.slice(end) });
  return parts.filter((part) => "name" in part || part.literal !== "");
}

/** Names that stand in `{{…}}`, each once. */
export function templateVariables(template: string): readonly string[] {
  return [...new Set(parseTemplate(template).flatMap((part) => ("name" in part ? part.name : [])))];
}

/** Fills in `{{name}}` once: braces in a value stay as they are. A name without a value stays as it stands. */
export function fillTemplate(template: string, values: Readonly<Record<string, string>>): string {
  return parseTemplate(template)
    .map((part) => {
      if ("literal" in part) return part.literal;
      return Object.hasOwn(values, part.name) ? (values[part.name] ?? "") : `{{${part.name}}}`;
    })
    .join("");
}
