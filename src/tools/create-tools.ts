import { join } from "node:path";
import { z } from "zod";
import type { GptOssError } from "../errors/errors.ts";
import { createError } from "../i18n/error-messages.ts";
import type { InterfaceLanguage } from "../i18n/language.ts";
import { homeFolder, dataFolder } from "../platform/folders.ts";
import { showableLine } from "../terminal/untrusted-text.ts";
import { type ApprovalGate, approvalGate, type Approve, refuseAll } from "./approval.ts";
import { browserTools } from "./browser/browser-tools.ts";
import { calculator } from "./calculator.ts";
import { openCodeTools } from "./code/code-tools.ts";
import { type AgentTool, createTool } from "./define-tool.ts";
import { listFilesTool, searchFilesTool, readFileTool, writeFileTool } from "./files/file-tools.ts";
import { ToolFolder } from "./files/tool-folder.ts";
import { defaultMcpFile } from "./mcp/mcp-config.ts";
import { openMcpTools } from "./mcp/mcp-tools.ts";
import { NoteFile, recallTool, rememberTool } from "./notes.ts";
import { runCommandTool } from "./run-command.ts";
import { ToolError } from "./tool-result.ts";
import { openPythonTool } from "./python/python-tool.ts";
import { parseToolSpec, type ToolKind, type ToolRequest } from "./tool-spec.ts";
import { fetchUrlTool } from "./web/fetch-url.ts";

/** What the tools need from outside. */
export interface CreateToolsOptions {
  /** Asks a person before a tool changes something or sends something out; refuses everything by default. */
  readonly approve?: Approve | undefined;
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** In which language `approve` is asked; English by default. */
  readonly language?: InterfaceLanguage | undefined;
  /** The clock; the machine's by default. */
  readonly now?: (() => Date) | undefined;
  /** Commands that `container.exec` runs without asking, exactly as one would type them: `npm test`. */
  readonly allow?: readonly string[] | undefined;
  /** Told of what a command prints while it runs, in pieces as they come. */
  readonly onOutput?: ((text: string) => void) | undefined;
  /** Called with the path of an AGENTS.md that becomes part of the instructions. */
  readonly onInstructions?: ((path: string) => void) | undefined;
  /** Called for each tool of an MCP server that cannot be offered; the server's other tools are. */
  readonly onProblem?: ((problem: GptOssError) => void) | undefined;
}

/** Tools for an agent, and what has to be ended after them. */
export interface Toolbox extends AsyncDisposable {
  /** A plain array, since LangChain's `createAgent` takes no readonly one. */
  readonly tools: AgentTool[];
  /** What the AGENTS.md of a project says, for the `system` message of an agent. It gives no permission: tools ask all the same. */
  readonly instructions: string | undefined;
  /** Ends the MCP servers that were started. */
  close(): Promise<void>;
}

/**
 * Makes the tools that a list names, such as `calculator,clock,files:PATH`. What was allowed for the session is remembered as long as
 * this toolbox lives.
 * @throws GptOssError `usage` for an unknown tool, a folder that is not there, or MCP servers that can't be used
 */
export async function createTools(
  spec: string | readonly ToolRequest[],
  options: CreateToolsOptions = {},
): Promise<Toolbox> {
  const surroundings = surroundingsOf(options);
  const gate = approvalGate(surroundings.approve, surroundings.language);
  const requests = typeof spec === "string" ? parseToolSpec(spec, homeFolder()) : spec;
  const tools: AgentTool[] = [];
  const instructions: string[] = [];
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    await Promise.all(closers.splice(0).map((closer) => closer()));
  };
  try {
    for (const request of requests) {
      const made = await makeTools(request, { ...surroundings, gate });
      tools.push(...made.tools);
      if (made.instructions !== undefined) instructions.push(made.instructions);
      if (made.close) closers.push(made.close);
    }
    refuseTwins(tools);
  } catch (error) {
    await close();
    throw error;
  }
  const told = instructions.length === 0 ? undefined : instructions.join("\n\n");
  return { tools, instructions: told, close, [Symbol.asyncDispose]: close };
}

/**
 * The tools with which gpt-oss works on the project in a folder: `repo_browser.*`, `apply_patch` and `container.exec`.
 * @throws GptOssError `usage` for a folder that is not there
 */
export async function createCodeTools(folder: string, options: CreateToolsOptions = {}): Promise<readonly AgentTool[]> {
  return (await createTools([{ kind: "code", path: folder }], options)).tools;
}

/**
 * The `python` tool of gpt-oss's training. Its interpreter ends with this program.
 * @throws GptOssError `usage` when no Python 3 is installed
 */
export async function createPythonTool(options: CreateToolsOptions = {}): Promise<AgentTool> {
  const surroundings = surroundingsOf(options);
  return (await openPythonTool(approvalGate(surroundings.approve, surroundings.language), surroundings)).tool;
}

/**
 * gpt-oss's browser over the text files of a folder: `browser.search`, `browser.open` and `browser.find`.
 * @throws GptOssError `usage` for a folder that is not there
 */
export async function createBrowserTools(folder: string): Promise<readonly AgentTool[]> {
  return browserTools(await ToolFolder.open(folder));
}

interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly language: InterfaceLanguage;
  readonly now: () => Date;
  readonly onProblem: (problem: GptOssError) => void;
  readonly allow: readonly string[];
  readonly onOutput: (text: string) => void;
  readonly onInstructions: (path: string) => void;
}

const ignore = () => undefined;

/** The options, with what holds where nothing is said. */
export function surroundingsOf(options: CreateToolsOptions): Surroundings & { readonly approve: Approve } {
  const { approve = refuseAll, environment = process.env, language = "en", now = () => new Date() } = options;
  const { onProblem = ignore, allow = [], onOutput = ignore, onInstructions = ignore } = options;
  return { approve, environment, language, now, onProblem, allow, onOutput, onInstructions };
}

/** What one word of a tool list stands for, and what ends it. */
export interface MadeTools {
  readonly tools: readonly AgentTool[];
  /** For the model's instructions: what a project says to those who work on it. */
  readonly instructions?: string | undefined;
  readonly close?: () => Promise<void>;
}

/** @throws GptOssError `usage` for a folder that is not there, or MCP servers that can't be used */
export async function makeTools(
  request: ToolRequest,
  surroundings: Surroundings & { readonly gate: ApprovalGate },
): Promise<MadeTools> {
  return await MAKERS[request.kind](request.path, surroundings);
}

const MAKERS: Readonly<
  Record<
    ToolKind,
    (path: string | undefined, given: Surroundings & { readonly gate: ApprovalGate }) => MadeTools | Promise<MadeTools>
  >
> = {
  calculator: () => ({ tools: [calculator()] }),
  clock: (_path, { now }) => ({ tools: [clock({ now })] }),
  files: async (path, { gate }) => {
    const folder = await ToolFolder.open(path ?? ".");
    return { tools: [...readingTools(folder), writeFileTool(folder, gate)] };
  },
  read: async (path) => ({ tools: readingTools(await ToolFolder.open(path ?? ".")) }),
  notes: (_path, { gate, environment, now }) => {
    const notes = new NoteFile(join(dataFolderOf(environment), "notes.jsonl"));
    return { tools: [rememberTool(notes, gate, now), recallTool(notes)] };
  },
  code: async (path, { gate, ...given }) => {
    const folder = await ToolFolder.open(path ?? ".");
    const own = { ...given, home: homeFolder(), dataFolder: dataFolderOf(given.environment) };
    return await openCodeTools(folder, gate, own);
  },
  browser: async (path) => ({ tools: browserTools(await ToolFolder.open(path ?? ".")) }),
  python: async (_path, { gate, ...given }) => {
    const { tool, close } = await openPythonTool(gate, given);
    return { tools: [tool], close };
  },
  command: async (path, { gate, environment }) => ({
    tools: [runCommandTool(await ToolFolder.open(path ?? "."), gate, { environment })],
  }),
  fetch: (_path, { gate }) => ({ tools: [fetchUrlTool(gate)] }),
  mcp: async (path, { gate, environment, onProblem }) => {
    const opened = await openMcpTools(path ?? defaultMcpFile(environment), gate, { environment });
    opened.problems.forEach(onProblem);
    return opened;
  },
};

function dataFolderOf(environment: Surroundings["environment"]): string {
  return dataFolder(environment, process.platform === "darwin" ? "darwin" : "linux");
}

function readingTools(folder: ToolFolder): AgentTool[] {
  return [readFileTool(folder), listFilesTool(folder), searchFilesTool(folder)];
}

/** The model could not tell two tools of one name apart. */
export function refuseTwins(tools: readonly AgentTool[]): void {
  const names = tools.map(({ name }) => name);
  const twin = names.find((name, index) => names.indexOf(name) !== index);
  if (twin !== undefined) throw createError("toolNamedTwice", [twin]);
}

export interface ClockOptions {
  readonly now?: () => Date;
  /** Where the user is; by default what the system says. */
  readonly timeZone?: string;
}

/** Tells date, weekday and time, where the user is or in any time zone. */
export function clock({ now = () => new Date(), timeZone: home }: ClockOptions = {}): AgentTool {
  return createTool({
    name: "clock",
    description: "Tells the current date, weekday and time, where the user is or in a time zone.",
    schema: z.object({
      time_zone: z.string().optional().describe("IANA name such as Asia/Tokyo; left out for where the user is"),
    }),
    run: ({ time_zone: wanted }) =>
      tellTime(now(), wanted || home || new Intl.DateTimeFormat().resolvedOptions().timeZone),
  });
}

/** `2026-11-26 09:05:00 Thursday, Asia/Tokyo (GMT+9)`. */
export function tellTime(moment: Date, timeZone: string): string {
  const format = formatFor(timeZone);
  const parts = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, value]));
  const day = `${parts["year"]}-${parts["month"]}-${parts["day"]}`;
  const time = `${parts["hour"]}:${parts["minute"]}:${parts["second"]}`;
  return `${day} ${time} ${parts["weekday"]}, ${format.resolvedOptions().timeZone} (${parts["timeZoneName"]})`;
}

function formatFor(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-GB", {
      timeZone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      weekday: "long",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
      timeZoneName: "shortOffset",
    });
  } catch (error) {
    throw new ToolError(
      `There is no time zone ${JSON.stringify(showableLine(timeZone))}; use an IANA name such as Europe/Paris.`,
      { cause: error },
    );
  }
}
