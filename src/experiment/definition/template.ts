const VARIABLE = /\{\{\s*([\p{L}_][\p{L}\p{N}_]*)\s*\}\}/gu;

/** Names that stand in `{{…}}`. */
export function variablesIn(template: string): readonly string[] {
  return [...new Set([...template.matchAll(VARIABLE)].flatMap((match) => match[1] ?? []))];
}

/** Fills in `{{variables}}`; a name without a value stays as it stands. */
export function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(VARIABLE, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? whole) : whole,
  );
}
