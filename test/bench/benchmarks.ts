import { benchChat, chatComparisons } from "./chat.ts";
import { type Comparison, compareOnce, type Goal } from "./comparison.ts";
import { benchDownload } from "./download.ts";
import { benchExperiment } from "./experiment.ts";
import { benchGateway } from "./gateway.ts";
import { benchGrammar } from "./grammar.ts";
import { benchGrowth } from "./growth.ts";
import { benchHarmony } from "./harmony.ts";
import { benchHostileHarmony } from "./harmony-hostile.ts";
import { benchHostileMarkdown } from "./markdown-hostile.ts";
import type { SpeedRow } from "./measure.ts";
import type { Table } from "./report.ts";
import { benchMemory } from "./memory.ts";
import { benchKnownCells } from "./known-cells.ts";
import { benchModel } from "./model.ts";
import { benchSessions } from "./sessions.ts";
import { benchStart } from "./start.ts";

export interface Outcome {
  readonly rows: Table;
  readonly comparisons: readonly Comparison[];
}

/** What `npm run bench -- NAME` runs: a file each, that gives a table, and what of it belongs into the summary. */
export const benchmarks: Readonly<Record<string, () => Promise<Outcome>>> = {
  harmony: of(benchHarmony, (rows) => [
    speedOf(rows, "ours: whole", "harmony parser, whole text, MB/s", { atLeast: 20 }),
    speedOf(rows, "ours: pieces of 4 characters", "harmony parser, pieces of 4 characters, MB/s", { atLeast: 20 }),
    speedOf(rows, "ours: pieces of a token", "harmony parser, pieces of a token, MB/s", { atLeast: 20 }),
  ]),
  "harmony-hostile": of(benchHostileHarmony, () => []),
  "markdown-hostile": of(benchHostileMarkdown, () => []),
  model: benchModel,
  grammar: benchGrammar,
  gateway: benchGateway,
  start: benchStart,
  chat: of(benchChat, chatComparisons),
  download: benchDownload,
  memory: of(
    () => benchMemory(),
    (rows) =>
      rows
        .filter(({ how }) => how === "summary")
        .map((ours) => {
          const theirs = rows.find(({ context, how }) => context === ours.context && how.startsWith("trimMessages"));
          const ratio = ours.evaluated / (theirs?.evaluated ?? Number.NaN);
          return compareOnce(`prompt tokens read in 300 turns, context ${ours.context}`, "trimMessages", ratio);
        }),
  ),
  growth: benchGrowth,
  sessions: of(benchSessions, () => []),
  experiment: benchExperiment,
  "known-cells": of(benchKnownCells, () => []),
};

function of<Row extends object>(
  run: () => Promise<readonly Row[]>,
  compare: (rows: readonly Row[]) => readonly Comparison[],
): () => Promise<Outcome> {
  return async () => {
    const rows = await run();
    return { rows, comparisons: compare(rows) };
  };
}

function speedOf(rows: readonly SpeedRow[], which: string, what: string, goal: Goal): Comparison {
  const row = rows.find((candidate) => candidate.what === which);
  if (row === undefined) throw new Error(`the benchmark has no row "${which}"`);
  const { ratio, rounds } = row;
  return {
    what,
    peer: "official tokenizer and parser",
    ratio,
    from: row["ratio from"],
    to: row["ratio to"],
    rounds,
    goal,
  };
}
