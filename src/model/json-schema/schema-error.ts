import type { GptOssError } from "../../errors.ts";
import { failed, type Phrase, type ReasonKey, reason } from "../../failures/failure.ts";

/** What is read, for the sentence that says what is wrong with it. */
export type SchemaSubject = Phrase;

export const ANSWER_SCHEMA: SchemaSubject = reason("answerSchema");

export function toolSchema(name: string): SchemaSubject {
  return reason("toolSchema", name);
}

/** A schema that can't be used: where, and the keyword that makes it so. */
export function badSchema(subject: SchemaSubject, pointer: string, why: Phrase): GptOssError {
  return failed("unusableSchema", [subject, pointer, why]);
}

export type SchemaReason = Extract<ReasonKey, `schema${string}`>;
