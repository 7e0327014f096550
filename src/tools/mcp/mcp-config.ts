import { join } from "node:path";
import { z } from "zod";
import { configFolder } from "../../config/config-places.ts";
import { type GptOssError, messageOf } from "../../errors.ts";
import { failed, type Phrase, reason } from "../../failures/failure.ts";
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
  const wrong = (what: Phrase, cause?: unknown) => failed("badMcpFile", [path, what], { cause });
  const text = readUserFileIfPresent(path);
  if (text === undefined) throw wrong(reason("noSuchFile"));
  const parsed = configSchema.safeParse(parseJson(text, wrong));
  if (parsed.success) return parsed.data.mcpServers;
  const [issue] = parsed.error.issues;
  throw wrong(`${issue?.path.join(".") || "it"}: ${issue?.message ?? "is not as it should be"}`);
}

function parseJson(text: string, wrong: (what: Phrase, cause?: unknown) => GptOssError): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw wrong(reason("invalidJson", messageOf(error)), error);
  }
}
