import { answerIn } from "../store/store.ts";
import { mean } from "../statistics/mean.ts";
import type { Row } from "../store/row.ts";
import { groupBy, orderCells, sharedLength } from "./order.ts";
import type { Cell } from "./cell.ts";

/** What a run will take, as far as it can be known before. */
export interface Estimate {
  /** Tokens that the server has to evaluate, given the cache; and that it would without one. */
  readonly promptTokens: number;
  readonly promptTokensWithoutCache: number;
  /** Tokens that will be generated; undefined before any such cell has been answered. */
  readonly generatedTokens: number | undefined;
  readonly seconds: number | undefined;
}

export interface EstimateOptions {
  readonly todo: readonly Cell[];
  /** Tokens for each byte of the prompts, which differs less between scripts than tokens for each character. */
  readonly tokensPerByte: number;
  readonly slots: number;
  readonly useCache: boolean;
  /** What has been answered before, by the same model on the same machine or another. */
  readonly rows: Iterable<Row>;
}

/** Estimates from what earlier cells took: generated tokens by effort, and speeds. */
export function estimate({ todo, tokensPerByte, slots, useCache, rows }: EstimateOptions): Estimate {
  const whole = todo.reduce((sum, { rendered }) => sum + Buffer.byteLength(rendered), 0) * tokensPerByte;
  const promptTokens = Math.round(useCache ? evaluatedBytes(todo) * tokensPerByte : whole);
  const past = groupBy([...rows].filter(answerIn), ({ effort }) => effort);
  const generated = todo.map((cell) => expectedTokens(cell, past.get(cell.prompt.effort)));
  const known = generated.every((tokens) => tokens !== undefined);
  const generatedTokens = known ? Math.round(generated.reduce((sum, tokens) => sum + (tokens ?? 0), 0)) : undefined;
  const speeds = speedsOf([...past.values()].flat());
  return {
    promptTokens,
    promptTokensWithoutCache: Math.round(whole),
    generatedTokens,
    seconds:
      generatedTokens === undefined || speeds === undefined
        ? undefined
        : (promptTokens / speeds.prompt + generatedTokens / speeds.generation) / slots,
  };
}

/** Of each prompt what the one before it does not begin with, and nothing for repeats. */
function evaluatedBytes(todo: readonly Cell[]): number {
  const prompts = orderCells(todo, ({ family }) => family).flat();
  return prompts.reduce(
    (sum, { rendered }, index) =>
      sum + Buffer.byteLength(rendered.slice(sharedLength(prompts[index - 1]?.rendered ?? "", rendered))),
    0,
  );
}

function expectedTokens({ draw }: Cell, rows: readonly Row[] | undefined): number | undefined {
  if (rows === undefined) return undefined;
  return Math.min(draw.maxTokens, mean(rows.map((row) => answerIn(row)?.tokens.generated ?? 0)));
}

/** Tokens a second of one slot while the others work too. */
function speedsOf(rows: readonly Row[]): { readonly prompt: number; readonly generation: number } | undefined {
  const answers = rows.flatMap((row) => answerIn(row) ?? []);
  const total = (read: (answer: (typeof answers)[number]) => number) =>
    answers.reduce((sum, answer) => sum + read(answer), 0);
  const promptMs = total((answer) => answer.promptMs);
  const generationMs = total((answer) => answer.generationMs);
  if (promptMs === 0 || generationMs === 0) return undefined;
  return {
    prompt: (total(({ tokens }) => tokens.evaluated) / promptMs) * 1000,
    generation: (total(({ tokens }) => tokens.generated) / generationMs) * 1000,
  };
}
