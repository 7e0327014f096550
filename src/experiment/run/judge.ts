import { createHash } from "node:crypto";
import { z } from "zod";
import { sanitizeControlTokens } from "../../harmony/sanitize.ts";
import type { ResponseFormat } from "../../inference/messages.ts";
import { isAbsent } from "../absent-answer.ts";
import type { Answer } from "../answer.ts";
import {
  boundedWork,
  judgedAnswer,
  failed,
  type JudgePlan,
  passed,
  quote,
  type Score,
  unknown,
  type Check,
} from "../checks/check.ts";
import { reasonOf } from "../checks/check-reason.ts";
import { messagesOf, type Cell, type Mode, keyOf, type PromptRequest, requestOf } from "../plan/cell.ts";
import { groupBy } from "../plan/order.ts";
import type { RenderedPrompts } from "../plan/rendered-prompts.ts";
import { type Question, mapConcurrently } from "./ask-cells.ts";
import type { Target } from "./target.ts";

const verdictSchema = z.object({ why: z.string(), pass: z.boolean() });

/** How a judge is asked for its verdict, reason first: a server that knows grammars lets it write nothing else. */
function formatOf({ rubric }: JudgePlan): ResponseFormat {
  const verdict =
    rubric === undefined
      ? { pass: { type: "boolean", description: "true when the answer passes" } }
      : {
          points: {
            type: "integer",
            minimum: 0,
            maximum: rubric.points,
            description: `0 is worst, ${rubric.points} is best`,
          },
        };
  return {
    type: "json_schema",
    name: "verdict",
    strict: true,
    schema: {
      type: "object",
      properties: { why: { type: "string", maxLength: 300, description: "One short sentence." }, ...verdict },
      required: ["why", ...Object.keys(verdict)],
      additionalProperties: false,
    },
  };
}

const pointsSchema = z.object({ why: z.string(), points: z.number() });

function readPoints(text: string, { points: most, atLeast }: NonNullable<JudgePlan["rubric"]>): Score {
  const verdict = parseVerdict(text, pointsSchema);
  // on a server that knows no grammars: "4", or "4/5"
  const points = verdict?.points ?? Number(/^\s*(\d+(?:\.\d+)?)/.exec(text)?.[1] ?? Number.NaN);
  if (Number.isNaN(points) || points < 0 || points > most) return unknown(reasonOf("noPoints", quote(text, 200)));
  const score = points / most;
  const reason = reasonOf("judgePoints", points, most, quote(verdict?.why ?? text, 200));
  return { ...(score >= atLeast ? passed : failed)(reason), score };
}

/** Words of a judge on a server that knows no grammars. */
const PASSES = /^[^\p{L}\p{N}]*(?:(?:yes|pass|passes|passed|true)\b|はい|合格)/iu;
const FAILS = /^[^\p{L}\p{N}]*(?:(?:no|fail|fails|failed|false)\b|いいえ|不合格)/iu;

/** What a judge's answer says. One that neither passes nor fails decides nothing. */
export function readVerdict(
  { final, finishReason }: Answer,
  { patterns, rubric }: Pick<JudgePlan, "patterns" | "rubric">,
): Score {
  const text = final.trim();
  if (rubric) return readPoints(text, rubric);
  const verdict = patterns === undefined ? parseVerdict(text, verdictSchema) : undefined;
  if (verdict) return (verdict.pass ? passed : failed)(reasonOf("judge", quote(verdict.why, 200)));
  const { pass = PASSES, fail = FAILS } = patterns ?? {};
  const why = reasonOf("judge", quote(text, 200));
  // of JSON that was cut or is another the first word says nothing
  const inWords = patterns !== undefined || !text.startsWith("{");
  if (inWords && matches(pass, text)) return passed(why);
  if (inWords && matches(fail, text)) return failed(why);
  return unknown(reasonOf(finishReason === "length" ? "verdictCut" : "noVerdict", quote(text, 200)));
}

/** A pattern that takes too long decides nothing. */
function matches(pattern: RegExp, text: string): boolean {
  return boundedWork(() => pattern.test(text)) === true;
}

function parseVerdict<Verdict>(text: string, schema: z.ZodType<Verdict>): Verdict | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    // no JSON: the words are read
    return undefined;
  }
}

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
export function judgeHash({ prompt, maxTokens, patterns, model, effort, rubric }: JudgePlan): string {
  const asked = patterns === undefined ? "schema" : "words";
  const parts: unknown[] = [prompt.system, prompt.body, maxTokens, asked];
  // with the defaults the hash is the same as in runs from before these could be set
  if (model !== undefined || effort !== "medium" || rubric !== undefined) parts.push(model, effort, rubric?.points);
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}

export interface JudgeQuestionsOptions {
  readonly checks: readonly Check[];
  readonly cells: readonly Cell[];
  readonly answerTo: (key: string) => Answer | undefined;
  readonly target: Target;
  readonly prompts: RenderedPrompts;
  readonly mode: Mode;
  readonly date: string;
  readonly signal?: AbortSignal | undefined;
}

const RENDERED_AT_ONCE = 8;

/** What the judges of an experiment have to be asked about the answers that are there. */
export async function judgeQuestions(options: JudgeQuestionsOptions): Promise<readonly Judgement[]> {
  const { checks, cells, target, prompts, signal } = options;
  const subjects = await Promise.all(
    checks.flatMap(({ name, on, scope, run }) =>
      run.kind === "judge"
        ? cells
            .filter((cell) => scope === undefined || scope.case === cell.case.id)
            .map((cell) => subjectOf({ name, on, scope, plan: run, cell }, options))
        : [],
    ),
  );
  const asked = subjects.filter((subject) => subject !== undefined);
  // a schema is part of a question's key, and how the server takes it depends on the mode
  if (asked.some(({ prompt }) => prompt.responseFormat !== undefined)) await target.detectMode();
  const samples = [...groupBy(asked, ({ name }) => name).values()].flatMap(([first]) => first?.prompt ?? []);
  await prompts.verify(samples, target, signal);
  const judgements = await mapConcurrently(asked, RENDERED_AT_ONCE, (subject) => judgementOf(subject, options));
  await prompts.save();
  return judgements;
}

/** One answer that a judge is asked about. */
interface Subject {
  readonly name: string;
  readonly plan: JudgePlan;
  readonly cell: Cell;
  readonly prompt: PromptRequest;
}

/** An absent answer fails without a judge. */
async function subjectOf(
  { on, scope, ...parts }: Omit<Subject, "prompt"> & Pick<Check, "on"> & { readonly scope: Check["scope"] },
  { answerTo, date }: JudgeQuestionsOptions,
): Promise<Subject | undefined> {
  const { plan, cell } = parts;
  const whole = answerTo(cell.key);
  const answer = whole && judgedAnswer(scope ? { scope } : {}, whole);
  if (answer === undefined || (on === "final" && isAbsent(answer))) return undefined;
  const variables = {
    ...cell.case.variables,
    ...(cell.case.expected !== undefined && { expected: cell.case.expected }),
    answer: sanitizeControlTokens(on === "final" ? answer.final : answer.analysis),
    analysis: sanitizeControlTokens(answer.analysis),
  };
  const messages = await messagesOf(plan.prompt, variables);
  const responseFormat = plan.patterns === undefined ? formatOf(plan) : undefined;
  const prompt = { messages, effort: plan.effort, date, tools: [], ...(responseFormat && { responseFormat }) } as const;
  return { ...parts, prompt };
}

async function judgementOf(
  { name, plan, cell, prompt }: Subject,
  { target, prompts, mode, signal }: JudgeQuestionsOptions,
): Promise<Judgement> {
  const rendered = await prompts.render(prompt, target, signal);
  // a judge is asked once, and takes its likeliest word
  const draw = { ...target.model.sampling, temperature: 0, maxTokens: plan.maxTokens, seed: 1 };
  const key = keyOf({
    rendered,
    draw,
    modelHash: target.model.hash,
    build: target.build,
    mode,
    constraint: target.inference.constraintOf(requestOf(prompt)),
  });
  return {
    check: name,
    judge: judgeHash(plan),
    cell: cell.key,
    question: {
      kind: "judge",
      key,
      variant: cell.variant,
      case: cell.case.id,
      repeat: cell.repeat,
      prompt,
      draw,
      rendered,
      family: `judge ${name}`,
    },
  };
}
