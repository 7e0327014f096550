import { z } from "zod";
import { GptOssError } from "../../errors.ts";
import type { ServerClient } from "./server-client.ts";

const slotsSchema = z.array(z.object({ id: z.number(), is_processing: z.boolean() }));

/**
 * Whether nobody is being answered in a slot. A request may name a slot only then: llama-server 0.5.0 swaps the cached prompt of the slot
 * that is named, also in the middle of somebody else's answer, which then goes wrong or never ends. A server that does not tell counts as
 * busy, and chooses the slot itself.
 */
export async function isIdle(client: ServerClient, slot: number, signal?: AbortSignal): Promise<boolean> {
  try {
    const slots = slotsSchema.safeParse(await client.get("/slots", signal));
    return slots.data?.some(({ id, is_processing }) => id === slot && !is_processing) ?? false;
  } catch (error) {
    if (!GptOssError.isInstance(error)) throw error;
    return false; // the request that follows will tell what is wrong
  }
}
