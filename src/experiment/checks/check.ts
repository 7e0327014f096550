import { createContext, Script } from "node:vm";
import type { Effort } from "../../config/effort.ts";
import type { Prompt } from "../../prompts/prompts.ts";
import { fillTemplate } from "../../prompts/template.ts";
import { graphemesOf } from "../../terminal/text-width.ts";
import { foldText, normalizeText } from "../../terminal/unicode.ts";
import { type Answer, answerOfTurn } from "../answer.ts";
import type { Case } from "../definition/test-cases.ts";
import { groupBy } from "../plan/order.ts";
import { type CheckReason, sentenceOf } from "./check-reason.ts";

/** What a check says of one cell. */
export interface Score {
  /** null when it can't be told; such a score counts for nothing. */
  readonly pass: boolean | null;
  /** 0 to 1; null together with `pass`. */
  readonly score: number | null;
  /** One sentence for people, in English. */
  readonly why: string;
  /** The same sentence for reports in other languages; checks of your own need none. */
  readonly reason?: CheckReason | undefined;
}

/** What a check looks at. */
export interface Judged {
  /** The channel that the check is for: the answer, or the thinking. */
  readonly text: string;
  readonly answer: Answer;
  readonly case: Pick<Case, "id" | "variables" | "expected">;
}

/** A check of one's own: judges an answer, and says why. The signal aborts when the run is interrupted. */
export type CheckFunction = (judged: Judged, signal?: AbortSignal) => Score | Promise<Score>;

/** Asked of the model itself, after all cells. */
export interface JudgePlan {
  readonly prompt: Prompt;
  /** Read its verdict from plain words; undefined for one that a schema binds. */
  readonly patterns: { readonly pass: RegExp; readonly fail: RegExp } | undefined;
  readonly maxTokens: number;
  /** Default: the model of the first variant. */
  readonly model?: string | undefined;
  readonly effort: Effort;
  /** Points from 0 to this number, instead of pass or fail. */
  readonly rubric?: { readonly points: number; readonly atLeast: number } | undefined;
}

/** Of a check that belongs to one case. */
export interface CheckScope {
  /** Its id. */
  readonly case: string;
  /** From 0: only the answer to this message of the user. */
  readonly turn?: number;
}

/** What a check judges: the whole answer, or that to one message of the user; undefined for one that was not reached. */
export function judgedAnswer({ scope }: Pick<Check, "scope">, answer: Answer): Answer | undefined {
  return scope?.turn === undefined ? answer : answerOfTurn(answer, scope.turn);
}

/** Finds the checks of a case, in their order. */
export function checkFinder(checks: readonly Check[]): (id: string) => readonly Check[] {
  const shared = checks.filter(({ scope }) => scope === undefined);
  const own = groupBy(
    checks.filter(({ scope }) => scope !== undefined),
    ({ scope }) => scope?.case ?? "",
  );
  return (id) => [...shared, ...(own.get(id) ?? [])];
}

/** One check of an experiment, ready to run. */
export interface Check {
  readonly name: string;
  readonly type: string;
  readonly weight: number;
  readonly on: "final" | "analysis";
  /** What it judges; every answer when left out. */
  readonly scope?: CheckScope;
  /** Passes where the check fails. */
  readonly negated: boolean;
  readonly run: { readonly kind: "function"; readonly check: CheckFunction } | ({ readonly kind: "judge" } & JudgePlan);
}

export function passed(why: string | CheckReason): Score {
  return { pass: true, score: 1, ...sentenceOf(why) };
}

export function failed(why: string | CheckReason, score = 0): Score {
  return { pass: false, score, ...sentenceOf(why) };
}

export function unknown(why: string | CheckReason): Score {
  return { pass: null, score: null, ...sentenceOf(why) };
}

/** A piece of text for a sentence: quoted, and not too long. */
export function quote(text: string, longest = 60): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return JSON.stringify(line.length > longest ? `${line.slice(0, longest)}…` : line);
}

/** A check's value with the case's variables and `{{expected}}` filled in. */
export function fillFrom(
  template: string,
  { case: { variables, expected } }: { readonly case: Pick<Judged["case"], "variables" | "expected"> },
): string {
  return fillTemplate(template, expected === undefined ? variables : { ...variables, expected });
}

/** Composed characters; with `ignoreCase` also one case and one width (Ａ is A, ｶﾞ is ガ). */
export function normalize(text: string, ignoreCase: boolean): string {
  return ignoreCase ? foldText(text) : normalizeText(text, "NFC");
}

/** Characters as people count them: 👨‍👩‍👧 and が are one each. */
export function countCharacters(text: string): number {
  return graphemesOf(text).length;
}

/** Some patterns take longer than the universe is old on some texts, and nothing else happens in the meantime, Ctrl-C included. */
const LONGEST_MS = 1_000;
const call = new Script("work()");
const scope = { work: (): unknown => undefined };
// one for all: making one takes longer than most patterns
const context = createContext(scope);

/** The result of work that takes too long. */
export const TOO_LONG = Symbol("too long");

/** Runs synchronous work that matches someone's pattern, and stops it after a second. */
export function boundedWork<Result>(work: () => Result): Result | typeof TOO_LONG {
  scope.work = work;
  try {
    return call.runInContext(context, { timeout: LONGEST_MS }) as Result;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    return TOO_LONG;
  }
}
