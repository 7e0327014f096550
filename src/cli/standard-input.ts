import { addAbortSignal } from "node:stream";
import { attachFiles } from "../chat/attachments.ts";
import { messageOf } from "../errors/errors.ts";
import { createError, errorDetail } from "../i18n/error-messages.ts";
import type { ChatText } from "../i18n/catalogue.ts";
import { textInBytes, sizeText, readUserFile } from "../platform/user-file.ts";
import { templateName } from "../prompts/template.ts";
import type { CommandContext } from "./command-options.ts";

/** More than any context holds. Without a limit, `yes | gpt-oss ask` would fill the memory. */
export const MAX_INPUT_BYTES = 64 * 1024 * 1024;

/**
 * Reads all of standard input as text. The writer may take any time; Ctrl-C ends the wait.
 * @throws GptOssError `interrupted`; `usage` if the input is not text or too large
 */
export async function readStandardInput({ stdin, signal }: Pick<CommandContext, "stdin" | "signal">): Promise<string> {
  const origin = errorDetail("standardInput");
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of addAbortSignal(signal, stdin) as AsyncIterable<Buffer | string>) {
      const bytes = Buffer.from(chunk as Buffer);
      size += bytes.length;
      chunks.push(bytes);
      if (size > MAX_INPUT_BYTES) {
        throw createError("fileTooLarge", [origin, `> ${sizeText(MAX_INPUT_BYTES)}`, sizeText(MAX_INPUT_BYTES)]);
      }
    }
  } catch (error) {
    if (signal.aborted) throw createError("interrupted", [errorDetail("readingInput")]);
    throw error;
  }
  return textInBytes(Buffer.concat(chunks), origin);
}

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
export async function questionOf(words: readonly string[], world: CommandContext, messages: ChatText): Promise<string> {
  const typed = words.join(" ").trim();
  const asked = typed === "" ? "" : attachFiles(typed, { folder: world.folder, messages }).text;
  const piped = world.stdin.isTTY ? "" : (await readStandardInput(world)).trimEnd();
  const question = [asked, piped].filter((part) => part.trim() !== "").join("\n\n");
  if (question !== "") return question;
  throw createError("noQuestion", []);
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
      throw createError("variableForm", [JSON.stringify(text)]);
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
    throw createError("noJson", [origin, messageOf(error)]);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as AnswerSchema;
  throw createError("noJsonSchema", [origin]);
}
