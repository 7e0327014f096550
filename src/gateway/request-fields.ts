import { z } from "zod";
import { type Effort, EFFORTS, findEffort } from "../config/effort.ts";
import type { InferenceRequest } from "../inference/inference-request.ts";
import { invalidRequest } from "./api-error.ts";

/*
 * What the requests of all three APIs have in common. Unknown fields are normal: clients are newer than this gateway.
 */

/** Clients send null for what they leave out. */
export const optionalNumber = z.number().nullish();
export const optionalInteger = z.number().int().nullish();
export const optionalText = z.string().nullish();

/** At least one token. More than the context has room for is fine: the answer ends where the context does. */
export const maxTokensSchema = z.number().int().positive().nullish();

export const stopSchema = z
  .union([z.string(), z.array(z.string())])
  .nullish()
  .transform((stop) => (typeof stop === "string" ? [stop] : (stop ?? undefined)));

/** @throws ApiError for an effort that no API has */
export function effortOf(given: string | null | undefined, param: string): Effort | undefined {
  if (given === undefined || given === null) return undefined;
  const effort = findEffort(given);
  if (effort !== undefined) return effort;
  throw invalidRequest(`Unknown effort: ${JSON.stringify(given)}. Valid values: ${EFFORTS.join(", ")}.`, param);
}

interface SamplingFields {
  readonly temperature?: number | null | undefined;
  readonly top_p?: number | null | undefined;
  readonly top_k?: number | null | undefined;
  readonly min_p?: number | null | undefined;
}

export function samplingOf(fields: SamplingFields): InferenceRequest["sampling"] {
  const { temperature, top_p: topP, top_k: topK, min_p: minP } = fields;
  const given = Object.entries({ temperature, topP, topK, minP }).filter(
    ([, value]) => value !== undefined && value !== null,
  );
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

/** An object without the fields that are undefined or null. */
export function definedFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}
