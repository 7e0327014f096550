import { join } from "node:path";
import { z } from "zod";
import { configFolder } from "../../config/config-places.ts";
import { type GptOssError, messageOf } from "../../errors/errors.ts";
import { createError, type LocalizedText, errorDetail } from "../../i18n/error-messages.ts";
import { readUserFileIfPresent } from "../../platform/user-file.ts";

const programSchema = z.object({
  command: z.string().min(1),
  args: z.array(z.string()).default([]),
  env: z.record(z.string(), z.string()).optional(),
  cwd: z.string().optional(),
});

const addressSchema = z.object({
  url: z.url({ protocol: /^https?$/ }),
  headers: z.record(z.string(), z.string()).optional(),
});

const configSchema = z.object({
  mcpServers: z.record(z.string().regex(/^[\w-]{1,40}$/), z.union([programSchema, addressSchema])),
});

/** A server of the common `mcpServers` file: a program to start, or an address. */
export type McpServer = z.infer<typeof configSchema>["mcpServers"][string];

/** Where the user's own file lies: `~/.config/langchain-gpt-oss/mcp.json`, or `~/Library/Application Support/…` on macOS. */
export function defaultMcpFile(
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): string {
  return join(configFolder(environment, platform), "mcp.json");
}

/** Reads a file of MCP servers. @throws GptOssError `usage` that names the file and what is wrong in it */
export function readMcpFile(path: string): Readonly<Record<string, McpServer>> {
  const wrong = (what: LocalizedText, cause?: unknown) => createError("badMcpFile", [path, what], { cause });
  const text = readUserFileIfPresent(path);
  if (text === undefined) throw wrong(errorDetail("noSuchFile"));
  const parsed = configSchema.safeParse(parseJson(text, wrong));
  if (parsed.success) return parsed.data.mcpServers;
  const [issue] = parsed.error.issues;
  throw wrong(`${issue?.path.join(".") || "it"}: ${issue?.message ?? "is not as it should be"}`);
}

function parseJson(text: string, wrong: (what: LocalizedText, cause?: unknown) => GptOssError): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw wrong(errorDetail("invalidJson", messageOf(error)), error);
  }
}

/** What a server is called in a sentence. */
export interface NamedServer {
  readonly name: string;
  readonly server: McpServer;
  /** The file that it stands in. */
  readonly path: string;
}

/** Why a server can't be used, in one sentence; the adapters' own messages have several lines and say things twice. */
export function unusable({ name, server, path }: NamedServer, error: unknown): GptOssError {
  const place = "url" in server ? `${path} (${server.url})` : path;
  return createError("badMcpServer", [name, place, reasonOf(error)], { cause: error });
}

/** What the model is told when a server is gone in the middle of a chat; any other failure is the tool's own. */
export function describeCallError(name: string, error: unknown): string {
  const message = messageOf(error);
  return isGone(message) ? `The MCP server "${name}" does not answer any more.` : message;
}

function reasonOf(error: unknown): LocalizedText {
  const message = messageOf(error);
  const [, status] = /status code \((\d+)\)/.exec(message) ?? [];
  if (message.startsWith("Authentication failed")) return errorDetail("headersRefused", status ?? "401");
  if (isGone(message)) return errorDetail("noAnswer");
  if (message.includes("Connection closed")) return errorDetail("programEnded");
  const [line = ""] = message.replace(/^Failed to (?:connect|create)[^"]*"[^"]*": (?:\w*Error: )?/, "").split("\n");
  return line.replace(/\.$/, "");
}

function isGone(message: string): boolean {
  return /fetch failed|ECONNREFUSED|ECONNRESET|ENOTFOUND|terminated/.test(message);
}
