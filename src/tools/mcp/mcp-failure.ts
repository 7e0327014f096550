import { type GptOssError, messageOf } from "../../errors.ts";
import { failed, type Phrase, reason } from "../../failures/failure.ts";
import type { McpServer } from "./mcp-config.ts";

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
  return failed("badMcpServer", [name, place, reasonOf(error)], { cause: error });
}

/** What the model is told when a server is gone in the middle of a chat; any other failure is the tool's own. */
export function describeCallFailure(name: string, error: unknown): string {
  const message = messageOf(error);
  return isGone(message) ? `The MCP server "${name}" does not answer any more.` : message;
}

function reasonOf(error: unknown): Phrase {
  const message = messageOf(error);
  const [, status] = /status code \((\d+)\)/.exec(message) ?? [];
  if (message.startsWith("Authentication failed")) return reason("headersRefused", status ?? "401");
  if (isGone(message)) return reason("noAnswer");
  if (message.includes("Connection closed")) return reason("programEnded");
  const [line = ""] = message.replace(/^Failed to (?:connect|create)[^"]*"[^"]*": (?:\w*Error: )?/, "").split("\n");
  return line.replace(/\.$/, "");
}

function isGone(message: string): boolean {
  return /fetch failed|ECONNREFUSED|ECONNRESET|ENOTFOUND|terminated/.test(message);
}
