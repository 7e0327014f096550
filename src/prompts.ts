import { readdirSync } from "node:fs";
import { basename, isAbsolute, join } from "node:path";
import { SystemMessage } from "@langchain/core/messages";
import {
  ChatPromptTemplate,
  HumanMessagePromptTemplate,
  MessagesPlaceholder,
  SystemMessagePromptTemplate,
} from "@langchain/core/prompts";
import { parse as parseYaml, YAMLParseError } from "yaml";
import { z } from "zod";
import { packageFile } from "../setup/package-folder.ts";
import { type GptOssError, messageOf } from "./errors.ts";
import { failed, type Phrase, reason } from "./failures/failure.ts";
import { readUserFileIfPresent } from "./platform/user-file.ts";

const frontMatterSchema = z.strictObject({
  name: z.string().min(1),
  /** The system message; the model gets none when it is left out. */
  system: z.string().optional(),
  /** The names that stand in `{{…}}` in the system message or the body. */
  variables: z.array(z.string().regex(/^[A-Za-z_]\w*$/)).default([]),
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
  readonly path: string;
}

/**
 * Reads and checks a prompt: by its name in the package's prompts folder ("chat"), or by the path of a Markdown file.
 * @throws GptOssError `usage` that names the file and what is wrong in it
 */
export function loadPrompt(nameOrPath: string): Prompt {
  const path = isPath(nameOrPath) ? nameOrPath : packageFile(join("prompts", `${nameOrPath}.md`));
  const text = readUserFileIfPresent(path);
  if (text === undefined) throw failed("unknownPrompt", [nameOrPath, promptNames().join(", ")]);
  return parsePrompt(text, path);
}

function isPath(nameOrPath: string): boolean {
  return isAbsolute(nameOrPath) || /^~\/|\.md["']?$/i.test(nameOrPath);
}

/** Names of the prompts that ship with the package. */
export function promptNames(): readonly string[] {
  return readdirSync(packageFile("prompts"))
    .filter((file) => file.endsWith(".md"))
    .map((file) => basename(file, ".md"));
}

/** Checks a prompt's text; `path` is named in what is said about it. */
export function parsePrompt(text: string, path: string): Prompt {
  const wrong = (what: Phrase) => failed("badPrompt", [path, what]);
  const match = /^---\r?\n([\s\S]*?)\r?\n---\r?\n([\s\S]*)$/.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) throw wrong(reason("noFrontMatter"));
  const matter = frontMatterSchema.safeParse(readYaml(match[1], wrong));
  if (!matter.success) {
    const [issue] = matter.error.issues;
    throw wrong(`${issue?.path.join(".") || "front matter"}: ${issue?.message ?? "is not as it should be"}`);
  }
  const { name, system, variables, notes } = matter.data;
  const body = match[2].trim();
  if (body === "") throw wrong(reason("emptyBody"));
  const used = variablesOf(`${system ?? ""}\n${body}`);
  const undeclared = used.filter((variable) => !variables.includes(variable));
  if (undeclared.length > 0) throw wrong(reason("undeclaredVariable", undeclared[0] ?? ""));
  const unused = variables.filter((variable) => !used.includes(variable));
  if (unused.length > 0) throw wrong(reason("unusedVariable", unused[0] ?? ""));
  return { name, system: system?.trim(), variables, notes, body, path };
}

function readYaml(text: string, wrong: (what: Phrase) => GptOssError): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    // a ReferenceError: it unfolds into far more than it is
    if (!(error instanceof YAMLParseError)) throw wrong(messageOf(error));
    const line = error.linePos?.[0].line;
    // the front matter begins on the file's second line
    throw wrong(reason("atLine", line === undefined ? "?" : line + 1, messageOf(error).split("\n")[0] ?? ""));
  }
}

function variablesOf(text: string): readonly string[] {
  return [...new Set([...text.matchAll(/\{\{\s*([A-Za-z_]\w*)\s*\}\}/g)].flatMap((match) => match[1] ?? []))];
}

/**
 * The prompt as a LangChain template: system message, the conversation so far (`history`), the user's message.
 * @param system another system message before the prompt's own; taken as it is, whatever braces stand in it
 */
export function chatPromptOf(prompt: Prompt, system?: string): ChatPromptTemplate {
  return ChatPromptTemplate.fromMessages([
    ...(system === undefined ? [] : [new SystemMessage(system)]),
    ...(prompt.system === undefined
      ? []
      : [SystemMessagePromptTemplate.fromTemplate(prompt.system, { templateFormat: "mustache" })]),
    new MessagesPlaceholder({ variableName: "history", optional: true }),
    HumanMessagePromptTemplate.fromTemplate(prompt.body, { templateFormat: "mustache" }),
  ]);
}
