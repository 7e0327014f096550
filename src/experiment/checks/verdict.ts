import { z } from "zod";
import type { Answer } from "../ask/answer.ts";
import { boundedWork } from "./bounded-work.ts";
import { failed, type JudgePlan, passed, quote, type Score, unknown } from "./check.ts";

const verdictSchema = z.object({ why: z.string(), pass: z.boolean() });

/** How a judge is asked for its verdict, reason first: a server that knows grammars lets it write nothing else. */
export const VERDICT_FORMAT = {
  type: "json_schema",
  json_schema: {
    name: "verdict",
    strict: true,
    schema: {
      type: "object",
      properties: {
        why: { type: "string", maxLength: 300, description: "One short sentence." },
        pass: { type: "boolean", description: "true when the answer passes" },
      },
      required: ["why", "pass"],
      additionalProperties: false,
    },
  },
} as const;

/** Words of a judge on a server that knows no grammars. */
const PASSES = /^[^\p{L}\p{N}]*(?:(?:yes|pass|passes|passed|true)\b|はい|合格)/iu;
const FAILS = /^[^\p{L}\p{N}]*(?:(?:no|fail|fails|failed|false)\b|いいえ|不合格)/iu;

/** What a judge's answer says. One that neither passes nor fails decides nothing. */
export function readVerdict({ final, finishReason }: Answer, { patterns }: JudgePlan): Score {
  const text = final.trim();
  const verdict = patterns === undefined ? readJson(text) : undefined;
  if (verdict) return (verdict.pass ? passed : failed)(`the judge: ${quote(verdict.why, 200)}`);
  const { pass = PASSES, fail = FAILS } = patterns ?? {};
  const why = `the judge: ${quote(text, 200)}`;
  // of JSON that was cut or is another the first word says nothing
  const inWords = patterns !== undefined || !text.startsWith("{");
  if (inWords && matches(pass, text)) return passed(why);
  if (inWords && matches(fail, text)) return failed(why);
  return unknown(
    `no verdict in ${quote(text, 200)}${finishReason === "length" ? ", which was cut at max_tokens" : ""}`,
  );
}

/** A pattern that takes too long decides nothing. */
function matches(pattern: RegExp, text: string): boolean {
  return boundedWork(() => pattern.test(text)) === true;
}

function readJson(text: string): z.infer<typeof verdictSchema> | undefined {
  try {
    return verdictSchema.safeParse(JSON.parse(text)).data;
  } catch {
    // no JSON: the words are read
    return undefined;
  }
}
