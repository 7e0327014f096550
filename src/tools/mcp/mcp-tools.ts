import { setTimeout as sleep } from "node:timers/promises";
import {
  DynamicStructuredTool,
  type DynamicStructuredToolInput,
  ToolInputParsingException,
} from "@langchain/core/tools";
import type { JSONSchema } from "@langchain/core/utils/json_schema";
import type { MultiServerMCPClient } from "@langchain/mcp-adapters";
import { z } from "zod";
import { GptOssError } from "../../errors/errors.ts";
import { sanitizeControlTokens } from "../../harmony/sanitize.ts";
import { createError, errorDetail } from "../../i18n/error-messages.ts";
import { readSchema } from "../../inference/schema/read-schema.ts";
import {
  schemaJson,
  namedTypes,
  type SchemaDocument,
  typeAllows,
  badSchema,
  toolSchema,
} from "../../inference/schema/schema.ts";
import { SchemaValidator } from "../../inference/schema/validator.ts";
import { childEnvironment } from "../../platform/child-environment.ts";
import { runInWorker, WorkerStoppedError } from "../../platform/run-in-worker.ts";
import type { ApprovalGate } from "../approval.ts";
import { type AgentTool, presentResult } from "../define-tool.ts";
import { cutToBudget, ToolError, ToolRefusal } from "../tool-result.ts";
import { type McpServer, readMcpFile, describeCallError, type NamedServer, unusable } from "./mcp-config.ts";

export interface McpTools {
  readonly tools: readonly AgentTool[];
  /** Why tools of these servers are not offered. */
  readonly problems: readonly GptOssError[];
  /** Ends the servers that were started. */
  readonly close: () => Promise<void>;
}

export interface McpOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** How long a server may take to say what tools it has; a minute by default. */
  readonly connectMs?: number;
}

const CALL_MS = 120_000;
const CONNECT_MS = 60_000;
/** A server writes its own tools' descriptions: they can be long, and are read with every question. */
const DESCRIPTION_BYTES = 2_000;

/**
 * The tools of all MCP servers in a file. Each call asks a person first: what a server says of its tools is not to be relied on.
 * @throws GptOssError `usage` when the file, the optional package or a server is not usable
 */
export async function openMcpTools(
  path: string,
  gate: ApprovalGate,
  { environment, connectMs = CONNECT_MS }: McpOptions,
): Promise<McpTools> {
  const servers = readMcpFile(path);
  const { MultiServerMCPClient: Client } = await importAdapters();
  const opening = Object.entries(servers).map(([name, server]) =>
    openServer(Client, { name, server, path }, gate, { environment, connectMs }),
  );
  const opened = await Promise.allSettled(opening);
  const there = opened.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const close = async () => {
    await Promise.all(there.map((one) => one.close()));
  };
  const lost = opened.find((result) => result.status === "rejected");
  if (lost === undefined) {
    const [tools, problems] = [there.flatMap((one) => one.tools), there.flatMap((one) => one.problems)];
    return { tools, problems, close };
  }
  await close();
  throw lost.reason;
}

async function openServer(
  Client: typeof MultiServerMCPClient,
  named: NamedServer,
  gate: ApprovalGate,
  { environment, connectMs }: Required<McpOptions>,
): Promise<McpTools> {
  const { name, server } = named;
  let failure: unknown;
  const client = new Client({
    mcpServers: { [name]: connectionOf(server, environment) },
    // a list of tools that the adapters refuse leaves the connection open, and is read here instead
    onConnectionError: ({ error }) => {
      failure = error;
    },
  });
  const deadline = new AbortController();
  try {
    const late = sleep(connectMs, undefined, { signal: deadline.signal }).then(() => {
      throw new Error(`it did not answer within ${connectMs / 1_000} seconds`);
    });
    late.catch(() => undefined);
    const connected = await Promise.race([client.getClient(name), late]);
    if (connected === undefined) throw failure;
    const { tools, problems } = await Promise.race([listTools(connected), late]);
    return {
      tools: tools.map((listed) => toolOf(listed, { name, client: connected, gate })),
      problems,
      close: () => closeQuietly(client),
    };
  } catch (error) {
    // what does not answer is not waited for
    void closeQuietly(client);
    throw unusable(named, error);
  } finally {
    deadline.abort();
  }
}

async function importAdapters(): Promise<{ readonly MultiServerMCPClient: typeof MultiServerMCPClient }> {
  try {
    return await import("@langchain/mcp-adapters");
  } catch (error) {
    throw createError("noMcpPackage", [], { cause: error });
  }
}

function connectionOf(server: McpServer, environment: McpOptions["environment"]) {
  if ("url" in server) return { url: server.url, ...(server.headers && { headers: server.headers }) };
  const { command, args, env, cwd } = server;
  // what a server writes for its developers would end up in the middle of a conversation
  const variables = childEnvironment("mcp", environment, env);
  return { command, args, stderr: "ignore" as const, env: { ...variables }, ...(cwd !== undefined && { cwd }) };
}

interface ToolServer {
  readonly name: string;
  readonly client: McpClient;
  readonly gate: ApprovalGate;
}

/** A tool of a server as an agent takes it: behind the gate, with a result like all others. */
function toolOf(
  { name: ownName, description, schema }: ListedTool,
  { name: server, client, gate }: ToolServer,
): AgentTool {
  const name = `${server}__${ownName}`;
  return new CheckedTool({
    name,
    description: sanitizeControlTokens(cutToBudget(description, DESCRIPTION_BYTES)),
    schema: schemaJson(schema),
    async func(input, _run, config) {
      const signal = config?.signal;
      const detail = JSON.stringify(input, undefined, 2);
      const question = { en: `Call ${name}?`, ja: `${name} を呼び出しますか？` };
      if (!(await gate({ tool: name, question, detail, scope: name, signal }))) {
        throw new ToolRefusal("The user refused. Nothing was called.");
      }
      try {
        return presentResult(await callTool(client, ownName, input, signal));
      } catch (error) {
        signal?.throwIfAborted();
        throw new ToolError(presentResult(describeCallError(server, error)), { cause: error });
      }
    },
  });
}

const resultSchema = z.looseObject({
  content: z.array(z.looseObject({ type: z.unknown().optional(), text: z.unknown().optional() })).default([]),
  structuredContent: z.unknown().optional(),
  isError: z.boolean().nullish(),
});

/** Text as it is, parts of text joined, anything else (an image) by its kind. @throws Error with the server's own words */
async function callTool(client: McpClient, name: string, input: unknown, signal?: AbortSignal): Promise<string> {
  const request = { method: "tools/call" as const, params: { name, arguments: input as Record<string, unknown> } };
  const options = { timeout: CALL_MS, ...(signal && { signal }) };
  const { content, structuredContent, isError } = await client.request(request, resultSchema, options);
  const text = content
    .map((part) => (typeof part.text === "string" ? part.text : `[${String(part.type)}: not shown]`))
    .join("\n");
  if (isError === true) throw new Error(text);
  return content.length === 0 && structuredContent !== undefined ? JSON.stringify(structuredContent) : text;
}

async function closeQuietly(client: MultiServerMCPClient): Promise<void> {
  await client.close().catch(() => undefined); // it may be gone already
}

/** The SDK's client of one server. */
export type McpClient = NonNullable<Awaited<ReturnType<MultiServerMCPClient["getClient"]>>>;

export interface ListedTool {
  readonly name: string;
  readonly description: string;
  readonly schema: SchemaDocument;
}

export interface ListedTools {
  readonly tools: readonly ListedTool[];
  /** Why others of the server can't be offered. */
  readonly problems: readonly GptOssError[];
}

/** The SDK refuses a whole list for one schema that it does not like, such as a property that is `true`. */
const pageSchema = z.looseObject({ tools: z.array(z.unknown()), nextCursor: z.string().nullish() });
const toolEntrySchema = z.looseObject({
  name: z.string().min(1),
  description: z.string().nullish(),
  inputSchema: z.unknown().optional(),
});
const MAX_PAGES = 100;

/** The tools of a server, each looked at by itself. */
export async function listTools(client: McpClient): Promise<ListedTools> {
  const tools: ListedTool[] = [];
  const problems: GptOssError[] = [];
  let cursor: string | undefined;
  for (let page = 0; page === 0 || (cursor !== undefined && page < MAX_PAGES); page++) {
    const params = cursor === undefined ? {} : { cursor };
    const listed = await client.request({ method: "tools/list", params }, pageSchema);
    for (const entry of listed.tools) {
      const parsed = toolEntrySchema.safeParse(entry);
      // without a name there is nothing to call, and nothing to name in a message
      if (!parsed.success) continue;
      const { name, description, inputSchema } = parsed.data;
      try {
        tools.push({ name, description: description ?? "", schema: argumentsSchema(name, inputSchema) });
      } catch (error) {
        if (!GptOssError.isInstance(error)) throw error;
        problems.push(error);
      }
    }
    cursor = listed.nextCursor ?? undefined;
  }
  return { tools, problems };
}

function argumentsSchema(name: string, raw: unknown): SchemaDocument {
  const subject = toolSchema(name);
  const document = readSchema(raw ?? { type: "object" }, subject);
  const types = typeof document.root === "boolean" ? undefined : namedTypes(document.root);
  if (document.root === false || (types !== undefined && !typeAllows(types, "object")))
    throw badSchema(subject, "#", errorDetail("schemaNoObject"));
  return document;
}

export interface ArgumentsToCheck {
  readonly schema: JSONSchema;
  readonly input: unknown;
}

const CHECK_MS = 2_000;
const MESSAGE_BYTES = 1_000;
/** Keywords whose values become regular expressions, which can take for ever on some texts. */
const PATTERNS = new Set(["pattern", "patternProperties", "format"]);

/** For LangChain's own check, which does not know every dialect of patterns. */
const ANY_OBJECT = { type: "object" } as const;

type Call = DynamicStructuredTool["call"];

/** A tool whose schema was written by somebody else: the model sees the schema, and a thread that can be ended checks arguments by it. */
export class CheckedTool extends DynamicStructuredTool {
  readonly #unchecked: DynamicStructuredTool;
  readonly #foreign: JSONSchema;

  constructor(fields: DynamicStructuredToolInput<JSONSchema>) {
    super(fields);
    this.#foreign = fields.schema;
    this.#unchecked = new DynamicStructuredTool({ ...fields, schema: ANY_OBJECT });
  }

  override async call(...[input, config, tags]: Parameters<Call>): ReturnType<Call> {
    // `invoke` calls it, and it alone knows the arguments before they are checked
    const signal = config !== undefined && "signal" in config ? config.signal : undefined;
    const problem = await problemOf({ schema: this.#foreign, input }, signal);
    if (problem !== undefined) throw new ToolInputParsingException(problem, JSON.stringify(input));
    // oxlint-disable-next-line typescript/no-deprecated -- `invoke` would check the arguments against a schema that cannot express theirs
    return await this.#unchecked.call(input, config, tags);
  }
}

/** Undefined when the arguments fit. */
async function problemOf(work: ArgumentsToCheck, signal: AbortSignal | undefined): Promise<string | undefined> {
  if (!hasPatterns(work.schema))
    return sayProblem(new SchemaValidator(readSchema(work.schema, "the schema")).problemOf(work.input));
  try {
    const options = { timeLimitMs: CHECK_MS, signal };
    const answer = await runInWorker("src/tools/mcp/check-arguments.worker.ts", work, options);
    return sayProblem(z.string().optional().parse(answer));
  } catch (error) {
    if (!(error instanceof WorkerStoppedError)) throw error;
    throw new ToolError("The arguments can't be checked: a pattern of this tool's schema takes too long on them.", {
      cause: error,
    });
  }
}

function sayProblem(problem: string | undefined): string | undefined {
  return problem && cutToBudget(`The arguments do not fit: ${problem}`, MESSAGE_BYTES);
}

function hasPatterns(schema: unknown): boolean {
  if (typeof schema !== "object" || schema === null) return false;
  return Object.entries(schema).some(([name, inner]) => PATTERNS.has(name) || hasPatterns(inner));
}
