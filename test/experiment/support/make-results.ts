import type { Answer } from "../../../src/experiment/answer.ts";
import { type Check, failed, passed } from "../../../src/experiment/checks/check.ts";
import type { Experiment } from "../../../src/experiment/definition/experiment.ts";
import type { Results, Manifest } from "../../../src/experiment/results/results.ts";
import { scoreRun } from "../../../src/experiment/results/score-run.ts";
import type { Row } from "../../../src/experiment/cell-store.ts";

/** An answer in which only what is given matters. */
export function answerOf(parts: Partial<Answer> = {}): Answer {
  return {
    final: "",
    analysis: "",
    preamble: "",
    toolCalls: [],
    finishReason: "stop",
    tokens: { prompt: 100, cached: 80, evaluated: 20, generated: 12, thinking: 5, answer: 4 },
    promptMs: 20,
    generationMs: 100,
    ...parts,
  };
}

export interface MadeRun {
  readonly variants: readonly string[];
  readonly cases: number;
  readonly repeats: number;
  /** undefined for a cell that was not asked; an Error for one that failed, with the HTTP status as its cause. */
  readonly answer: (cell: {
    readonly variant: string;
    readonly case: number;
    readonly repeat: number;
  }) => Partial<Answer> | Error | undefined;
  readonly requirements?: Experiment["requirements"];
  readonly labels?: Experiment["labels"];
  readonly checks?: readonly Check[];
}

/** Passes when the answer begins with "yes". */
export const YES: Check = {
  name: "yes",
  type: "regex",
  weight: 1,
  on: "final",
  negated: false,
  run: {
    kind: "function",
    check: ({ text }) => (text.startsWith("yes") ? passed("says yes") : failed("does not say yes")),
  },
};

/** Results of a run with made-up answers, worked out by the real thing. The first variant is the baseline. */
export async function makeResults(made: MadeRun): Promise<Results> {
  const manifest = manifestOf(made);
  const rows = new Map<string, Row>();
  for (const cell of manifest.cells) {
    const outcome = outcomeOf(
      made.answer({ variant: cell.variant, case: Number(cell.case.slice(5)), repeat: cell.repeat }),
    );
    if (!outcome) continue;
    const { key, variant, repeat, seed } = cell;
    rows.set(key, {
      version: 1,
      key,
      at: manifest.at,
      kind: "cell",
      variant,
      case: cell.case,
      repeat,
      mode: "fast",
      slots: 4,
      effort: "low",
      temperature: 0,
      maxTokens: 100,
      seed,
      model: { name: "demo", hash: "f".repeat(64) },
      build: "b1-abc",
      outcome,
    });
  }
  const { checks = [YES], labels = [], requirements = [] } = made;
  const promptTexts = new Map(manifest.cases.map(({ id }) => [id, `<|start|>user<|message|>Question of ${id}<|end|>`]));
  return await scoreRun({
    manifest,
    experiment: { checks, labels, requirements },
    rowOf: (key) => rows.get(key),
    promptTexts,
  });
}

function outcomeOf(answer: Partial<Answer> | Error | undefined): Row["outcome"] | undefined {
  if (answer === undefined) return undefined;
  return answer instanceof Error
    ? {
        error: {
          code: "model-failed",
          message: answer.message,
          ...(answer.cause !== undefined && { status: Number(answer.cause) }),
        },
      }
    : { answer: answerOf(answer) };
}

function manifestOf({ variants, cases, repeats }: MadeRun): Manifest {
  const ids = Array.from({ length: cases }, (_, index) => `case-${index}`);
  const [first] = variants;
  return {
    version: 1,
    run: "2026-01-01-abcdef",
    plan: "p",
    experiment: { name: "made", description: "答えを作った実験" },
    at: "2026-01-01T00:00:00.000Z",
    mode: "fast",
    slots: 4,
    build: "b1-abc",
    models: [{ name: "demo", hash: "f".repeat(64) }],
    date: "2026-01-01",
    seed: 1,
    repeats,
    baseline: first ?? "",
    variants: variants.map((id) => ({
      id,
      ...(id !== first && first !== undefined && { baseline: first }),
      name: id,
      model: "demo",
      effort: "low",
      temperature: 0,
      maxTokens: 100,
      prompt: { system: "Be <b>brief</b>.", body: "{{question}}" },
    })),
    cases: ids.map((id) => ({ id, variables: { question: `Question of ${id}` } })),
    cells: variants.flatMap((variant) =>
      ids.flatMap((id) =>
        Array.from({ length: repeats }, (_, index) => ({
          variant,
          case: id,
          repeat: index + 1,
          seed: index + 1,
          key: `${variant} ${id} ${index}`,
          prompt: id,
        })),
      ),
    ),
    judgements: [],
  };
}
