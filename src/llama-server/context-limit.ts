import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { systemCodeOf } from "../errors/errors.ts";
import { makeFolder } from "../platform/folders.ts";

/** Memory that was short once may be free tomorrow. */
const VALID_MS = 24 * 3_600_000;

const limitSchema = z.object({ tokens: z.number().int().positive(), moment: z.number() });

/** Tokens of all conversations together that fit, if a larger context recently failed to load; `identity` is that of the server. */
export async function readContextLimit(cache: string, identity: string): Promise<number | undefined> {
  try {
    const { tokens, moment } = limitSchema.parse(JSON.parse(await readFile(pathOf(cache, identity), "utf8")));
    return Date.now() - moment < VALID_MS ? tokens : undefined;
  } catch (error) {
    if (systemCodeOf(error) !== undefined || error instanceof SyntaxError || error instanceof z.ZodError)
      return undefined;
    throw error;
  }
}

/** Remembers the size that loaded after a larger one ran out of memory. */
export async function rememberContextLimit(cache: string, identity: string, tokens: number): Promise<void> {
  const path = pathOf(cache, identity);
  try {
    makeFolder(dirname(path));
    await writeFile(path, `${JSON.stringify({ tokens, moment: Date.now() })}\n`);
  } catch (error) {
    // without the record, the larger context is tried again next time
    if (systemCodeOf(error) === undefined) throw error;
  }
}

function pathOf(cache: string, identity: string): string {
  return join(cache, "context-limits", `${identity.slice(0, 32)}.json`);
}
