import { z } from "zod";
import type { LiveServer } from "../../support/live-server.ts";

const promptSchema = z.object({ prompt: z.string() });

/** The prompt that a server makes of a request. */
export async function promptOf(server: LiveServer, request: object): Promise<string> {
  return promptSchema.parse(await server.post("/apply-template", request)).prompt;
}
