import { type Store, answerIn, type Row } from "../cell-store.ts";
import type { Experiment } from "../definition/experiment.ts";
import type { Subject } from "../definition/subjects.ts";
import type { Case } from "../definition/test-cases.ts";
import type { InferenceClient } from "../../inference/client.ts";
import { mapConcurrently } from "../run/ask-cells.ts";
import { createConversationProgram, hasResults } from "../program/conversation.ts";
import type { Program } from "../program/program.ts";
import type { RunFolder } from "../run/run-folder.ts";
import type { Target, ModelFacts } from "../run/target.ts";
import { mean } from "../statistics/estimates.ts";
import { type Variant, type Cell, type Mode, messagesOf, type PromptRequest, keyOf, requestOf } from "./cell.ts";
import { groupBy, orderCells, sharedLength } from "./order.ts";
import type { PromptServer, RenderedPrompts } from "./rendered-prompts.ts";

/** What is said before anything is asked. */
export interface RunPlan extends Estimate {
  readonly run: string;
  readonly mode: Mode;
  readonly slots: number;
  /** Names of all models. */
  readonly models: readonly string[];
  readonly build: string;
  readonly variants: number;
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
  readonly variants: readonly Variant[];
  readonly cases: readonly Case[];
  readonly store: Store;
  readonly target: Target;
  readonly mode: Mode;
  readonly folder: RunFolder;
  readonly signal?: AbortSignal | undefined;
}

/** Whether a cell need not be asked. A volatile program runs in each run, and finds the model's answers in the store. */
export function isKnownCell({ key, program }: Cell, store: Store): boolean {
  return program?.isVolatile === true ? store.isWritten(key) : store.isKnown(key);
}

export async function describePlan(options: DescribePlanOptions): Promise<RunPlan> {
  const { cells, variants, cases, store, target, mode, folder, signal } = options;
  const unknown = cells.filter((cell) => !isKnownCell(cell, store));
  const todo = [...new Map(unknown.map((cell) => [cell.key, cell])).values()];
  const slots = mode === "exact" ? 1 : target.slots;
  const sample = cells.find(({ rendered }) => rendered !== "")?.rendered ?? "";
  const sampleTokens = sample === "" ? 0 : await target.client.countTokens(sample, signal);
  const tokensPerByte = sampleTokens / Math.max(1, Buffer.byteLength(sample));
  const hashes = new Set(folder.manifest.models.map(({ hash }) => hash));
  const rows = [...store.rows()].filter(({ model, kind }) => hashes.has(model.hash) && kind === "cell");
  return {
    run: `${folder.manifest.experiment.name}/${folder.manifest.run}`,
    mode,
    slots,
    models: folder.manifest.models.map(({ name }) => name),
    build: target.build,
    variants: variants.length,
    cases: cases.length,
    cells: cells.length,
    known: cells.length - unknown.length,
    todo: todo.length,
    sameQuestions: todo.some(({ draw, repeat }) => draw.temperature === 0 && repeat > 1),
    damagedLines: store.damagedLines,
    ...estimate({ todo, tokensPerByte, slots, useCache: mode === "fast", rows }),
  };
}

const RENDERED_AT_ONCE = 8;

export interface PlanCellsOptions {
  readonly experiment: Pick<Experiment, "date" | "tools" | "toolbox" | "maxSteps" | "seed">;
  readonly variants: readonly Variant[];
  readonly cases: readonly Case[];
  readonly repeats: number;
  readonly mode: Mode;
  /** Any server with the template that the cells' servers have. */
  readonly server: PromptServer & { readonly inference: Pick<InferenceClient, "constraintOf"> };
  readonly prompts: RenderedPrompts;
  readonly factsOf: (model: string | undefined) => ModelFacts;
  readonly signal?: AbortSignal | undefined;
}

/** All cells of a run, with the prompt that the server makes of each. */
export async function planCells(options: PlanCellsOptions): Promise<readonly Cell[]> {
  const { variants, cases, server, prompts, signal } = options;
  const programOf = programFinder(options.experiment);
  const all = await Promise.all(
    variants.flatMap((variant) =>
      cases.map(async (input) => {
        const program = programOf(variant.subject, input);
        return { variant, input, program, prompt: await promptOf(variant, input, program, options) };
      }),
    ),
  );
  const requests = all.filter(({ program }) => program === undefined);
  await prompts.verify(samplesOf(requests), server, signal);
  // the tools decide, and all cases of a variant share them
  const constraints = new Map(
    [...groupBy(requests, ({ variant }) => variant.id).values()].flatMap(([first]) =>
      first ? [[first.variant, server.inference.constraintOf(requestOf(first.prompt))] as const] : [],
    ),
  );
  const planned = await mapConcurrently(all, RENDERED_AT_ONCE, async (request) => {
    if (request.program) {
      return repeatsOf({ ...request, rendered: "", constraint: undefined }, options);
    }
    // variants that differ in temperature alone have the same prompts
    const rendered = await prompts.render(request.prompt, server, signal);
    return repeatsOf({ ...request, rendered, constraint: constraints.get(request.variant) }, options);
  });
  await prompts.save();
  return planned.flat();
}

/** The first prompt of each variant, and its first with a history, which a template handles in another place. */
function samplesOf(
  requests: readonly { readonly variant: Variant; readonly input: Case; readonly prompt: PromptRequest }[],
): readonly PromptRequest[] {
  const kinds = groupBy(requests, ({ variant, input }) => JSON.stringify([variant.id, input.history.length > 0]));
  return [...kinds.values()].flatMap(([first]) => first?.prompt ?? []);
}

/** The program that answers a case; undefined where the model is asked once. */
function programFinder({ tools, toolbox, maxSteps }: PlanCellsOptions["experiment"]) {
  const conversations = new Map<Subject, Program>();
  return (subject: Subject, input: Case): Program | undefined => {
    if (subject.kind === "program") return subject.program;
    const offered = { tools: subject.tools ?? tools, toolbox: subject.toolbox ?? toolbox };
    if (input.turns.length === 0 && !hasResults(offered)) return undefined;
    const { prompt, responseSchema } = subject;
    const program =
      conversations.get(subject) ?? createConversationProgram({ prompt, ...offered, maxSteps, responseSchema });
    conversations.set(subject, program);
    return program;
  };
}

async function promptOf(
  variant: Variant,
  input: Case,
  program: Program | undefined,
  { experiment }: PlanCellsOptions,
): Promise<PromptRequest> {
  const { subject, setting } = variant;
  const shared = { effort: setting.effort, date: experiment.date };
  if (program || subject.kind === "program") return { ...shared, messages: [], tools: [] };
  const { prompt, tools = experiment.tools, responseSchema } = subject;
  return {
    ...shared,
    messages: await messagesOf(prompt, input.variables, input.history),
    tools,
    ...(responseSchema && {
      responseFormat: { type: "json_schema", name: "answer", strict: true, schema: responseSchema },
    }),
  };
}

/** What decides a program's answer beside its settings. */
function programKey(program: Program, { id, variables, history, turns }: Case, prompt: PromptRequest): string {
  const said = turns.map(({ user }) => user);
  return JSON.stringify(["program", program.identity, id, variables, history, said, prompt.effort, prompt.date]);
}

interface Planned {
  readonly variant: Variant;
  readonly input: Case;
  readonly program: Program | undefined;
  readonly prompt: PromptRequest;
  readonly rendered: string;
  readonly constraint: string | undefined;
}

function repeatsOf(
  { variant, input, program, prompt, rendered, constraint }: Planned,
  options: PlanCellsOptions,
): readonly Cell[] {
  const { experiment, repeats, mode, server, factsOf } = options;
  const { build } = server;
  const { sampling, hash: modelHash } = factsOf(variant.setting.model);
  const { maxTokens, temperature = sampling.temperature } = variant.setting;
  return Array.from({ length: repeats }, (_, index) => {
    // the same seed for the same repeat everywhere, so that variants differ in nothing else
    const draw = { ...sampling, temperature, maxTokens, seed: experiment.seed + index };
    const asked = program ? programKey(program, input, prompt) : rendered;
    const key = keyOf({ rendered: asked, draw, modelHash, build, mode, constraint });
    const { model, effort } = variant.setting;
    const family = `${variant.subject.name} ${effort}`;
    return { variant: variant.id, model, family, case: input, repeat: index + 1, prompt, draw, rendered, program, key };
  });
}

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
