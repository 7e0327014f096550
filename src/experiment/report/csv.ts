import { stringify } from "csv-stringify/sync";
import type { Results } from "../results/results.ts";
import { statusOf } from "../results/status.ts";

/** One line a cell, for a spreadsheet. Formulas in answers are made text by the quote that spreadsheets know. */
export function renderCsv({ cells, checks, mode }: Results): string {
  const names = checks.map(({ name }) => name);
  const records = cells.map((cell) => [
    cell.arm,
    cell.case,
    cell.repeat,
    cell.seed,
    mode,
    statusOf(cell),
    cell.score,
    ...names.map((name) => cell.checks.find(({ check }) => check === name)?.score ?? null),
    cell.answer?.finishReason,
    cell.answer?.tokens.thinking,
    cell.answer?.tokens.answer,
    cell.answer?.tokens.prompt,
    cell.answer?.tokens.cached,
    cell.answer?.promptMs,
    cell.answer?.generationMs,
    cell.answer?.final,
    cell.answer?.analysis,
    cell.error,
  ]);
  const head = ["arm", "case", "repeat", "seed", "mode", "status", "score", ...names.map((name) => `check:${name}`)];
  const tail = ["finish_reason", "thinking_tokens", "answer_tokens", "prompt_tokens", "cached_tokens"];
  const columns = [...head, ...tail, "prompt_ms", "generation_ms", "final", "analysis", "error"];
  return stringify([columns, ...records], { escape_formulas: true });
}
