import type { MultiServerMCPClient } from "@langchain/mcp-adapters";
import { z } from "zod";
import { GptOssError } from "../../errors.ts";
import { reason } from "../../failures/failure.ts";
import { readSchema } from "../../model/json-schema/read-schema.ts";
import { namedTypes, type SchemaDocument, typeAllows } from "../../model/json-schema/schema.ts";
import { badSchema, toolSchema } from "../../model/json-schema/schema-error.ts";

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
    throw badSchema(subject, "#", reason("schemaNoObject"));
  return document;
}
