import { createHash } from "node:crypto";
import { neutralizeControlTokens } from "../../harmony/neutralize.ts";
import { renderPrompt } from "../ask/ask-cell.ts";
import type { Answer } from "../ask/answer.ts";
import { messagesOf } from "../ask/request.ts";
import type { Target } from "../ask/target.ts";
import { type Check, failed, type JudgePlan, passed, quote, type Score, unknown } from "../checks/check.ts";
import type { Cell, Mode } from "../plan/cell.ts";
import { keyOf } from "../plan/cell.ts";
import type { Question } from "./question.ts";
import { mapConcurrently } from "./pool.ts";

/** A judge's question about one cell's answer. */
export interface Judgement {
  readonly check: string;
  /** Hash of the judge's prompt: after a change of it the verdict is no longer one on it. */
  readonly judge: string;
  /** Key of the cell that is judged. */
  readonly cell: string;
  readonly question: Question;
}

/** Tells a judge's prompt from an earlier one. */
export function judgeHash({ prompt, maxTokens }: JudgePlan): string {
  return createHash("sha256")
    .update(JSON.stringify([prompt.system, prompt.body, maxTokens]))
    .digest("hex")
    .slice(0, 16);
}

export interface JudgeQuestionsOptions {
  readonly checks: readonly Check[];
  readonly cells: readonly Cell[];
  readonly answerTo: (key: string) => Answer | undefined;
  readonly target: Target;
  readonly mode: Mode;
  readonly date: string;
  readonly signal?: AbortSignal | undefined;
}

const RENDERED_AT_ONCE = 8;

/** What the judges of an experiment have to be asked about the answers that are there. */
export async function judgeQuestions(options: JudgeQuestionsOptions): Promise<readonly Judgement[]> {
  const pairs = options.checks.flatMap(({ name, on, run }) =>
    run.kind === "judge" ? options.cells.map((cell) => ({ name, on, plan: run, cell })) : [],
  );
  const judgements = await mapConcurrently(pairs, RENDERED_AT_ONCE, async ({ name, on, plan, cell }) => {
    const answer = options.answerTo(cell.key);
    if (answer === undefined) return undefined;
    return await judgementOf(
      { name, plan, cell, text: on === "final" ? answer.final : answer.analysis, answer },
      options,
    );
  });
  return judgements.filter((judgement) => judgement !== undefined);
}

interface Subject {
  readonly name: string;
  readonly plan: JudgePlan;
  readonly cell: Cell;
  readonly text: string;
  readonly answer: Answer;
}

async function judgementOf(subject: Subject, options: JudgeQuestionsOptions): Promise<Judgement> {
  const { name, plan, cell, text, answer } = subject;
  const { target, mode, date, signal } = options;
  const variables = {
    ...cell.case.variables,
    ...(cell.case.expected !== undefined && { expected: cell.case.expected }),
    answer: neutralizeControlTokens(text),
    analysis: neutralizeControlTokens(answer.analysis),
  };
  const prompt = { messages: await messagesOf(plan.prompt, variables), effort: "medium", date, tools: [] } as const;
  const rendered = await renderPrompt(target.client, prompt, signal);
  // a judge is asked once, and takes its likeliest word
  const draw = { ...target.model.sampling, temperature: 0, maxTokens: plan.maxTokens, seed: 1 };
  const key = keyOf({ rendered, draw, modelHash: target.model.hash, build: target.build, mode });
  return {
    check: name,
    judge: judgeHash(plan),
    cell: cell.key,
    question: {
      kind: "judge",
      key,
      arm: cell.arm,
      case: cell.case.id,
      repeat: cell.repeat,
      prompt,
      draw,
      rendered,
      family: `judge ${name}`,
    },
  };
}

/** What a judge's answer says. One that neither passes nor fails decides nothing. */
export function readVerdict({ final }: Answer, { passPattern, failPattern }: JudgePlan): Score {
  const text = final.trim();
  const why = `the judge: ${quote(text, 200)}`;
  if (passPattern.test(text)) return passed(why);
  return failPattern.test(text) ? failed(why) : unknown(`no verdict in ${quote(text, 200)}`);
}
