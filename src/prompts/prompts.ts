import { isAbsolute } from "node:path";
import { SystemMessage } from "@langchain/core/messages";
import {
  ChatPromptTemplate,
  HumanMessagePromptTemplate,
  MessagesPlaceholder,
  SystemMessagePromptTemplate,
} from "@langchain/core/prompts";
import { z } from "zod";
import { type GptOssError, messageOf } from "../errors/errors.ts";
import { createError, type LocalizedText, errorDetail } from "../i18n/error-messages.ts";
import { readUserFileIfPresent } from "../platform/user-file.ts";
import { SHIPPED_PROMPTS } from "./shipped-prompts.ts";
import { isTemplateName, parseTemplate, templateName, templateVariables } from "./template.ts";
import { isMap, isScalar, LineCounter, parseDocument } from "../vendor/settings-formats.ts";

/** The earlier messages of a conversation have this name in a template, so a variable can't. */
const HISTORY = "history";

const frontMatterSchema = z.strictObject({
  name: z.string().min(1),
  /** The system message; the model gets none when it is left out. */
  system: z.string().optional(),
  /** The names that stand in `{{…}}` in the system message or the body. */
  variables: z
    .array(
      z
        .string()
        .refine(isTemplateName, "a name has letters, digits and underscores, and does not begin with a digit")
        .refine((name) => name !== HISTORY, `${HISTORY} is reserved for the earlier messages of a conversation`)
        .transform(templateName),
    )
    .default([]),
  notes: z.string().optional(),
});

/** One Markdown file of `prompts/`: front matter, and the user's message as a template with `{{variables}}`. */
export interface Prompt {
  readonly name: string;
  readonly system: string | undefined;
  readonly variables: readonly string[];
  readonly notes: string | undefined;
  /** The user's message, with its variables still in it. */
  readonly body: string;
  /** For error messages; of a prompt that ships with the package, from the package's root on. */
  readonly path: string;
}

/**
 * Reads and checks a prompt: by its name among those that ship with the package ("chat"), or by the path of a Markdown file.
 * @throws GptOssError `usage` that names the file and what is wrong in it
 */
export function loadPrompt(nameOrPath: string): Prompt {
  const path = isPath(nameOrPath) ? nameOrPath : `prompts/${nameOrPath}.md`;
  const text = isPath(nameOrPath) ? readUserFileIfPresent(path) : SHIPPED_PROMPTS.get(nameOrPath);
  if (text === undefined) throw createError("unknownPrompt", [nameOrPath, promptNames().join(", ")]);
  return parsePrompt(text, path);
}

function isPath(nameOrPath: string): boolean {
  return isAbsolute(nameOrPath) || /^~\/|\.md["']?$/i.test(nameOrPath);
}

/** Names of the prompts that ship with the package. */
export function promptNames(): readonly string[] {
  return [...SHIPPED_PROMPTS.keys()];
}

/** Checks a prompt's text; `path` is named in error messages. */
export function parsePrompt(text: string, path: string): Prompt {
  const wrong = (what: LocalizedText) => createError("badPrompt", [path, what]);
  const match = /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---[ \t]*\r?\n([\s\S]*)$/.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) throw wrong(errorDetail("noFrontMatter"));
  const { value, systemLine } = readFrontMatter(match[1], wrong);
  const matter = frontMatterSchema.safeParse(value);
  if (!matter.success) {
    const [issue] = matter.error.issues;
    throw wrong(`${issue?.path.join(".") || "front matter"}: ${issue?.message ?? "is not as it should be"}`);
  }
  const { name, system, variables, notes } = matter.data;
  if (match[2].trim() === "") throw wrong(errorDetail("emptyBody"));
  const bodyLine = lineAt(text, text.length - match[2].length);
  const [first] = [
    ...unknownPlaceholders(system ?? "", variables).map(({ name: placeholder }) => ({
      placeholder,
      line: systemLine(placeholder),
    })),
    ...unknownPlaceholders(match[2], variables).map(({ name: placeholder, line }) => ({
      placeholder,
      line: bodyLine + line - 1,
    })),
  ];
  if (first) throw wrong(errorDetail("atLine", first.line, errorDetail("undeclaredVariable", first.placeholder)));
  const used = templateVariables(`${system ?? ""}\n${match[2]}`);
  const unused = variables.find((variable) => !used.includes(variable));
  if (unused !== undefined) throw wrong(errorDetail("unusedVariable", unused));
  return { name, system: system?.trim() || undefined, variables, notes, body: match[2].trim(), path };
}

interface FrontMatter {
  readonly value: unknown;
  /** The line of the file on which the system message has this placeholder. */
  readonly systemLine: (placeholder: string) => number;
}

function readFrontMatter(text: string, wrong: (what: LocalizedText) => GptOssError): FrontMatter {
  const counter = new LineCounter();
  // with this schema every scalar is the text as it was written: a prompt called 1.10 is not called 1.1
  const document = parseDocument(text, { schema: "failsafe", lineCounter: counter, prettyErrors: false });
  // the front matter begins on the file's second line
  const lineOf = (offset: number) => counter.linePos(offset).line + 1;
  const [error] = document.errors;
  if (error) throw wrong(errorDetail("atLine", lineOf(error.pos[0]), messageOf(error).split("\n")[0] ?? ""));
  const { contents } = document;
  const pair = isMap(contents) && contents.items.find(({ key }) => isScalar(key) && key.value === "system");
  const start = pair && isScalar(pair.value) ? (pair.value.range?.[0] ?? 0) : 0;
  const systemLine = (name: string) => {
    const found = parseTemplate(text.slice(start)).find((part) => "name" in part && part.name === name);
    return lineOf(start + (found && "name" in found ? found.offset : 0));
  };
  try {
    return { value: document.toJS() as unknown, systemLine };
  } catch (failure) {
    // a ReferenceError: it unfolds into far more than it is
    throw wrong(messageOf(failure));
  }
}

function unknownPlaceholders(template: string, variables: readonly string[]) {
  return parseTemplate(template).flatMap((part) =>
    "name" in part && !variables.includes(part.name) ? [{ name: part.name, line: lineAt(template, part.offset) }] : [],
  );
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

/**
 * The prompt as a LangChain template: system message, the conversation so far (`history`), the user's message.
 * @param system another system message before the prompt's own; taken as it is, whatever braces stand in it
 */
export function createChatPrompt(prompt: Prompt, system?: string): ChatPromptTemplate {
  return ChatPromptTemplate.fromMessages([
    ...(system === undefined ? [] : [new SystemMessage(system)]),
    ...(prompt.system === undefined ? [] : [SystemMessagePromptTemplate.fromTemplate(asFString(prompt.system))]),
    new MessagesPlaceholder({ variableName: HISTORY, optional: true }),
    HumanMessagePromptTemplate.fromTemplate(asFString(prompt.body)),
  ]);
}

/**
 * LangChain's own `{{…}}` templates are Mustache, which has more tags than names: sections, comments, other delimiters. Its f-strings have
 * nothing but names, and any literal text can be written in them.
 */
function asFString(template: string): string {
  return parseTemplate(template)
    .map((part) => ("name" in part ? `{${part.name}}` : part.literal.replaceAll(/[{}]/g, "$&$&")))
    .join("");
}
