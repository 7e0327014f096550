import { setTimeout as sleep } from "node:timers/promises";
import type { DynamicStructuredTool } from "@langchain/core/tools";
import type { JSONSchema } from "@langchain/core/utils/json_schema";
import type { MultiServerMCPClient } from "@langchain/mcp-adapters";
import { failed } from "../../failures/failure.ts";
import { childEnvironment } from "../../platform/child-environment.ts";
import { neutralizeControlTokens } from "../../harmony/neutralize.ts";
import type { ApprovalGate } from "../approval.ts";
import { cutToBudget } from "../budget.ts";
import { type AgentTool, presentResult } from "../define-tool.ts";
import { ToolFailure, ToolRefusal } from "../failure.ts";
import { ANY_OBJECT, CheckedTool } from "./checked-tool.ts";
import { type McpServer, readMcpFile } from "./mcp-config.ts";
import { describeCallFailure, type NamedServer, unusable } from "./mcp-failure.ts";

export interface McpTools {
  readonly tools: readonly AgentTool[];
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
  const servers = await readMcpFile(path);
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
  if (lost === undefined) return { tools: there.flatMap(({ tools }) => tools), close };
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
  const client = new Client({
    mcpServers: { [name]: connectionOf(server, environment) },
    prefixToolNameWithServerName: true,
    additionalToolNamePrefix: "",
    throwOnLoadError: true,
    defaultToolTimeout: CALL_MS,
  });
  const deadline = new AbortController();
  try {
    const late = sleep(connectMs, undefined, { signal: deadline.signal }).then(() => {
      throw new Error(`it did not answer within ${connectMs / 1_000} seconds`);
    });
    late.catch(() => undefined);
    const tools = await Promise.race([client.getTools(), late]);
    return { tools: tools.map((made) => guard(made, name, gate)), close: () => closeQuietly(client) };
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
    throw failed("noMcpPackage", [], { cause: error });
  }
}

function connectionOf(server: McpServer, environment: McpOptions["environment"]) {
  if ("url" in server) return { url: server.url, ...(server.headers && { headers: server.headers }) };
  const { command, args, env, cwd } = server;
  // what a server writes for its developers would end up in the middle of a conversation
  const variables = childEnvironment("mcp", environment, env);
  return { command, args, stderr: "ignore" as const, env: { ...variables }, ...(cwd !== undefined && { cwd }) };
}

/** The same tool behind the gate, with a result like all others. */
function guard(made: DynamicStructuredTool, server: string, gate: ApprovalGate): AgentTool {
  const schema = made.schema as JSONSchema;
  // the arguments are checked once, by ours
  made.schema = ANY_OBJECT;
  return new CheckedTool({
    name: made.name,
    description: neutralizeControlTokens(cutToBudget(made.description, DESCRIPTION_BYTES)),
    schema,
    async func(input, _run, config) {
      const signal = config?.signal;
      const detail = JSON.stringify(input, undefined, 2);
      const question = { en: `Call ${made.name}?`, ja: `${made.name} を呼び出しますか？` };
      if (!(await gate({ tool: made.name, question, detail, scope: made.name, signal }))) {
        throw new ToolRefusal("The user refused. Nothing was called.");
      }
      try {
        // with the call's id LangChain would wrap the result in a message
        const result: unknown = await made.invoke(input as Record<string, unknown>, { ...config, toolCall: undefined });
        return presentResult(textOf(result));
      } catch (error) {
        signal?.throwIfAborted();
        throw new ToolFailure(presentResult(describeCallFailure(server, error)), { cause: error });
      }
    },
  });
}

/** Text as it is, parts of text joined, anything else (an image) by its kind. */
function textOf(result: unknown): string {
  if (typeof result === "string") return result;
  if (!Array.isArray(result)) return JSON.stringify(result) ?? "";
  return (result as readonly { readonly type?: unknown; readonly text?: unknown }[])
    .map(({ type, text }) => (typeof text === "string" ? text : `[${String(type)}: not shown]`))
    .join("\n");
}

async function closeQuietly(client: MultiServerMCPClient): Promise<void> {
  await client.close().catch(() => undefined); // it may be gone already
}
