import { renderPrompt } from "../ask/ask-cell.ts";
import type { ModelFacts } from "../ask/model-facts.ts";
import { messagesOf, type PromptRequest } from "../ask/request.ts";
import type { ServerClient } from "../ask/server-client.ts";
import type { Experiment } from "../definition/experiment.ts";
import type { Case } from "../definition/read-cases.ts";
import type { Arm } from "../plan/arm.ts";
import { type Cell, keyOf, type Mode } from "../plan/cell.ts";
import { mapConcurrently } from "./pool.ts";

const RENDERED_AT_ONCE = 8;

export interface PlanCellsOptions {
  readonly experiment: Pick<Experiment, "date" | "tools" | "seed">;
  readonly arms: readonly Arm[];
  readonly cases: readonly Case[];
  readonly repeats: number;
  readonly mode: Mode;
  /** Any server with the template that the cells' servers have. */
  readonly client: ServerClient;
  readonly build: string;
  readonly factsOf: (model: string | undefined) => ModelFacts;
  readonly signal?: AbortSignal | undefined;
}

/** All cells of a run, with the prompt that the server makes of each. */
export async function planCells(options: PlanCellsOptions): Promise<readonly Cell[]> {
  const { arms, cases, client, signal } = options;
  const pairs = arms.flatMap((arm) => cases.map((input) => ({ arm, input })));
  const rendered = new Map<string, Promise<string>>();
  const planned = await mapConcurrently(pairs, RENDERED_AT_ONCE, async ({ arm, input }) => {
    const prompt = await promptOf(arm, input, options);
    // arms that differ in temperature alone have the same prompts
    const identity = JSON.stringify(prompt);
    const text = rendered.get(identity) ?? renderPrompt(client, prompt, signal);
    rendered.set(identity, text);
    return repeatsOf({ arm, input, prompt, rendered: await text }, options);
  });
  return planned.flat();
}

async function promptOf(arm: Arm, input: Case, { experiment }: PlanCellsOptions): Promise<PromptRequest> {
  return {
    messages: await messagesOf(arm.variant, input.variables, input.history),
    effort: arm.setting.effort,
    date: experiment.date,
    tools: experiment.tools,
  };
}

interface Planned {
  readonly arm: Arm;
  readonly input: Case;
  readonly prompt: PromptRequest;
  readonly rendered: string;
}

function repeatsOf({ arm, input, prompt, rendered }: Planned, options: PlanCellsOptions): readonly Cell[] {
  const { experiment, repeats, mode, build, factsOf } = options;
  const { sampling, hash: modelHash } = factsOf(arm.setting.model);
  const { maxTokens, temperature = sampling.temperature } = arm.setting;
  return Array.from({ length: repeats }, (_, index) => {
    // the same seed for the same repeat everywhere, so that arms differ in nothing else
    const draw = { ...sampling, temperature, maxTokens, seed: experiment.seed + index };
    const key = keyOf({ rendered, draw, modelHash, build, mode });
    const { model, effort } = arm.setting;
    const family = `${arm.variant.name} ${effort}`;
    return { arm: arm.id, model, family, case: input, repeat: index + 1, prompt, draw, rendered, key };
  });
}
