import { setTimeout as sleep } from "node:timers/promises";
import type { MultiServerMCPClient } from "@langchain/mcp-adapters";
import { z } from "zod";
import type { GptOssError } from "../../errors.ts";
import { failed } from "../../failures/failure.ts";
import { childEnvironment } from "../../platform/child-environment.ts";
import { neutralizeControlTokens } from "../../harmony/neutralize.ts";
import type { ApprovalGate } from "../approval.ts";
import { cutToBudget } from "../budget.ts";
import { type AgentTool, presentResult } from "../define-tool.ts";
import { ToolFailure, ToolRefusal } from "../failure.ts";
import { schemaJson } from "../../model/json-schema/schema.ts";
import { CheckedTool } from "./checked-tool.ts";
import { type ListedTool, listTools, type McpClient } from "./list-tools.ts";
import { type McpServer, readMcpFile } from "./mcp-config.ts";
import { describeCallFailure, type NamedServer, unusable } from "./mcp-failure.ts";

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
    description: neutralizeControlTokens(cutToBudget(description, DESCRIPTION_BYTES)),
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
        throw new ToolFailure(presentResult(describeCallFailure(server, error)), { cause: error });
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
