import { countTokens } from "../ask/ask-cell.ts";
import type { Target } from "../ask/target.ts";
import type { Case } from "../definition/read-cases.ts";
import type { Arm } from "../plan/arm.ts";
import type { Cell, Mode } from "../plan/cell.ts";
import { type Estimate, estimate } from "../plan/estimate.ts";
import type { Store } from "../store/store.ts";
import type { RunFolder } from "./run-folder.ts";

/** What is said before anything is asked. */
export interface RunPlan extends Estimate {
  readonly run: string;
  readonly mode: Mode;
  readonly slots: number;
  /** Names of all models. */
  readonly models: readonly string[];
  readonly build: string;
  readonly arms: number;
  readonly cases: number;
  readonly cells: number;
  /** Cells that the store has an answer to. */
  readonly known: number;
  /** Cells to be asked. */
  readonly todo: number;
  /** Cells at temperature 0 are to be asked several times. */
  readonly sameQuestions: boolean;
  /** Lines of the store that could not be read. */
  readonly damagedLines: number;
}

export interface DescribePlanOptions {
  readonly cells: readonly Cell[];
  readonly arms: readonly Arm[];
  readonly cases: readonly Case[];
  readonly store: Store;
  readonly target: Target;
  readonly mode: Mode;
  readonly folder: RunFolder;
  readonly signal?: AbortSignal | undefined;
}

export async function describePlan(options: DescribePlanOptions): Promise<RunPlan> {
  const { cells, arms, cases, store, target, mode, folder, signal } = options;
  const unknown = cells.filter(({ key }) => !store.isKnown(key));
  const todo = [...new Map(unknown.map((cell) => [cell.key, cell])).values()];
  const slots = mode === "exact" ? 1 : target.slots;
  const sample = cells[0]?.rendered ?? "";
  const tokensPerByte = (await countTokens(target.client, sample, signal)) / Math.max(1, Buffer.byteLength(sample));
  const hashes = new Set(folder.manifest.models.map(({ hash }) => hash));
  const rows = [...store.rows()].filter(({ model, kind }) => hashes.has(model.hash) && kind === "cell");
  return {
    run: `${folder.manifest.experiment.name}/${folder.manifest.run}`,
    mode,
    slots,
    models: folder.manifest.models.map(({ name }) => name),
    build: target.build,
    arms: arms.length,
    cases: cases.length,
    cells: cells.length,
    known: cells.length - unknown.length,
    todo: todo.length,
    sameQuestions: todo.some(({ draw, repeat }) => draw.temperature === 0 && repeat > 1),
    damagedLines: store.damagedLines,
    ...estimate({ todo, tokensPerByte, slots, useCache: mode === "fast", rows }),
  };
}
