import { attachFiles } from "../chat/attachments/attach.ts";
import type { Messages } from "../chat/language/index.ts";
import { messageOf } from "../errors.ts";
import { failed } from "../failures/failure.ts";
import { readUserFile } from "../platform/user-file.ts";
import { templateName } from "../text/template.ts";
import { readStandardInput } from "./standard-input.ts";
import type { World } from "./world.ts";

export interface AskInputFlags {
  readonly system?: string;
  readonly prompt?: string;
  readonly var?: readonly string[];
  readonly schema?: string;
}

/** A JSON schema for an answer. */
export type AnswerSchema = Readonly<Record<string, unknown>>;

/**
 * The question: what stands on the command line, with the files that it mentions, and below it what is piped in.
 * @throws GptOssError `usage` when there is neither; `interrupted`
 */
export async function questionOf(words: readonly string[], world: World, messages: Messages): Promise<string> {
  const typed = words.join(" ").trim();
  const asked = typed === "" ? "" : attachFiles(typed, { folder: world.folder, messages }).text;
  const piped = world.stdin.isTTY ? "" : (await readStandardInput(world)).trimEnd();
  const question = [asked, piped].filter((part) => part.trim() !== "").join("\n\n");
  if (question !== "") return question;
  throw failed("noQuestion", []);
}

/** `--system TEXT`, or `--system @FILE`. */
export function systemOf({ system }: AskInputFlags, folder: string): string | undefined {
  return system?.startsWith("@") ? readUserFile(system.slice(1), { folder }).trim() : system;
}

/** `--var name=value`, as often as wanted. */
export function variablesOf({ var: given = [] }: AskInputFlags): Readonly<Record<string, string>> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf("=");
      if (at > 0) return [templateName(text.slice(0, at)), text.slice(at + 1)];
      throw failed("variableForm", [JSON.stringify(text)]);
    }),
  );
}

/** `--schema FILE`, or `--schema '{…}'`. */
export function schemaOf({ schema }: AskInputFlags, folder: string): AnswerSchema | undefined {
  if (schema === undefined) return undefined;
  const isInline = schema.trimStart().startsWith("{");
  const text = isInline ? schema : readUserFile(schema, { folder });
  const origin = isInline ? "--schema" : schema;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw failed("noJson", [origin, messageOf(error)]);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as AnswerSchema;
  throw failed("noJsonSchema", [origin]);
}
