import { existsSync } from "node:fs";
import { resolveUserPath } from "../../platform/user-file.ts";
import { loadPrompt } from "../../prompts.ts";
import { templateVariables } from "../../text/template.ts";
import type { CheckDefinition, CheckOf } from "../definition/check-schema.ts";
import type { Case } from "../definition/read-cases.ts";
import { fillFrom } from "./text.ts";

/** A value of a check with the case's values in every string, however deep it is. */
export function fillAll(value: unknown, input: Pick<Case, "variables" | "expected">): unknown {
  if (typeof value === "string") return fillFrom(value, { case: input });
  if (Array.isArray(value)) return value.map((item) => fillAll(item, input));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillAll(item, input)]));
}

/** The names that stand in `{{…}}` in a value of a check, however deep. */
export function variablesWithin(value: unknown): readonly string[] {
  if (typeof value === "string") return templateVariables(value);
  if (typeof value !== "object" || value === null) return [];
  return [...new Set(Object.values(value).flatMap(variablesWithin))];
}

/** The fields that a check fills in: each of them has to have a value in every case. */
export function fieldsOf(check: CheckDefinition, schema: unknown, folder: string): readonly string[] {
  if ("value" in check) return variablesWithin(check.value);
  if (check.type === "regex") return variablesWithin(check.pattern);
  if (check.type === "tool_called") return variablesWithin([check.tool, check.arguments]);
  if (check.type === "json") return variablesWithin(schema);
  return check.type === "judge" ? judgeFields(check, folder) : [];
}

const FILLED: ReadonlySet<string> = new Set(["value", "pattern", "tool", "arguments"]);

/** A field in which `{{…}}` would stay as it is, without anybody noticing. */
export function unfilledTemplate(check: CheckDefinition): string | undefined {
  const [field] =
    Object.entries(check).find(
      ([name, value]) => !FILLED.has(name) && typeof value === "string" && templateVariables(value).length > 0,
    ) ?? [];
  return field;
}

/** What a judge's prompt needs beside the answer; a prompt that is wrong is reported when it is prepared. */
function judgeFields({ prompt }: CheckOf<"judge">, folder: string): readonly string[] {
  const path = resolveUserPath(prompt, folder);
  if (prompt.endsWith(".md") && !existsSync(path)) return [];
  const { variables } = loadPrompt(prompt.endsWith(".md") ? path : prompt);
  return variables.filter((name) => name !== "answer" && name !== "analysis");
}
