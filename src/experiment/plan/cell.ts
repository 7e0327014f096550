import { createHash } from "node:crypto";
import { basename } from "node:path";
import { AIMessage, type BaseMessage, ToolMessage } from "@langchain/core/messages";
import { sanitizeControlTokens } from "../../harmony/sanitize.ts";
import { createError } from "../../i18n/error-messages.ts";
import type { InferenceRequest } from "../../inference/inference-request.ts";
import type { ChatMessage, ResponseFormat, ToolCall } from "../../inference/messages.ts";
import type { Sampling } from "../../llama-server/model-catalogue.ts";
import { type Prompt, createChatPrompt } from "../../prompts/prompts.ts";
import type { Experiment, Setting } from "../definition/experiment.ts";
import type { CompleteDefinition } from "../definition/schema.ts";
import type { Subject } from "../definition/subjects.ts";
import type { Case } from "../definition/test-cases.ts";
import { historyMessages } from "../program/run-program.ts";
import { Random } from "../statistics/sign-flip.ts";
import type { Program } from "../program/program.ts";

/** One prompt or program with one setting: what an experiment compares. */
export interface Variant {
  /** Variant and the settings that differ between variants: "summary-v2, low". */
  readonly id: string;
  readonly subject: Subject;
  /** With what the subject has of its own. */
  readonly setting: Setting;
  /** As the experiment has it. */
  readonly shared: Setting;
}

/** Every variant with every setting, in the definition's order. */
export function variantsOf({ subjects, settings }: Pick<Experiment, "subjects" | "settings">): readonly Variant[] {
  const describe = settingDescriber(settings);
  const all = settings.flatMap((setting) =>
    subjects.map((subject) => {
      const words = describe(setting);
      const id = words === "" ? subject.name : `${subject.name}, ${words}`;
      return { id, subject, setting: { ...setting, ...subject.own }, shared: setting };
    }),
  );
  // what a subject has of its own may make two settings one
  const identityOf = ({ subject, setting }: Variant) => JSON.stringify([subject.name, setting]);
  return all.filter((variant, index) => all.findIndex((one) => identityOf(one) === identityOf(variant)) === index);
}

/** Names a setting by what not all settings have in common. */
function settingDescriber(settings: readonly Setting[]): (setting: Setting) => string {
  const differs = (read: (setting: Setting) => unknown) => new Set(settings.map(read)).size > 1;
  const words: ((setting: Setting) => string)[] = [];
  if (differs(({ model }) => model)) words.push(({ model }) => modelName(model, settings));
  if (differs(({ effort }) => effort)) words.push(({ effort }) => effort);
  if (differs(({ temperature }) => temperature)) words.push(({ temperature }) => `T=${temperature ?? "default"}`);
  if (differs(({ maxTokens }) => maxTokens)) words.push(({ maxTokens }) => `${maxTokens} tokens`);
  return (setting) => words.map((word) => word(setting)).join(", ");
}

/** A file by its name alone, where no other model is called so. */
function modelName(model: string | undefined, settings: readonly Setting[]): string {
  if (model === undefined) return "default model";
  const short = basename(model, ".gguf");
  const others = settings.flatMap((setting) => (setting.model === model ? [] : (setting.model ?? [])));
  return others.some((other) => basename(other, ".gguf") === short) ? model : short;
}

/**
 * What each variant is compared with: the baseline variant in the same setting; the baseline variant itself in another setting,
 * with itself in the first one. The first setting's baseline is compared with nothing.
 */
export function baselineOf(variant: Variant, variants: readonly Variant[], baseline: string): Variant | undefined {
  const candidates = variants.filter(({ subject }) => subject.name === baseline);
  const own = candidates.find(({ shared }) => shared === variant.shared);
  const found = own === variant ? candidates[0] : own;
  return found === variant ? undefined : found;
}

/** Which part of an experiment is run. */
export interface Selection {
  /** Number of cases, counted from the first. */
  readonly limit?: number | undefined;
  /** `failed` for the cases that failed in the latest run; `variant=NAME`, `case=ID`, `tag=…`, `effort=…`, `model=…` or `temperature=…`, with `*` for any text; all kinds named have to fit, of one kind any. */
  readonly only?: readonly string[] | undefined;
  /** Number of cases that are drawn at random, in the definition's order. */
  readonly sample?: number | undefined;
  /** Of the sample; 1 when left out. */
  readonly sampleSeed?: number | undefined;
}

const KINDS = ["variant", "case", "tag", "effort", "model", "temperature"] as const;
type Kind = (typeof KINDS)[number];

/** @throws GptOssError `usage` for an --only that is none or leaves nothing */
export function select(
  { variants, cases }: { readonly variants: readonly Variant[]; readonly cases: readonly Case[] },
  { limit, only = [], sample, sampleSeed = 1 }: Selection,
): { readonly variants: readonly Variant[]; readonly cases: readonly Case[] } {
  const filters = only.map(readFilter);
  const fits = (kind: Kind, value: string | number | undefined) => {
    const patterns = filters.filter((filter) => filter.kind === kind);
    return patterns.length === 0 || patterns.some(({ pattern }) => pattern.test(String(value ?? "default")));
  };
  const fitsCase = ({ id, tags }: Case) =>
    fits("case", id) && (tags.length > 0 ? tags.some((tag) => fits("tag", tag)) : fits("tag", ""));
  const chosen = {
    variants: variants.filter(
      ({ subject, setting }) =>
        fits("variant", subject.name) &&
        fits("effort", setting.effort) &&
        fits("model", setting.model) &&
        fits("temperature", setting.temperature),
    ),
    cases: sampled(cases.filter(fitsCase), sample, sampleSeed).slice(0, limit),
  };
  if (chosen.variants.length > 0 && chosen.cases.length > 0) return chosen;
  throw createError("nothingSelected", [
    `--only ${only.join(" --only ")}`,
    namesOf(variants.map(({ subject }) => subject.name)),
    namesOf(cases.map(({ id }) => id)),
  ]);
}

/** A random sample of cases. The same seed gives the same cases. */
function sampled(cases: readonly Case[], count: number | undefined, seed: number): readonly Case[] {
  if (count === undefined || count >= cases.length) return cases;
  const random = new Random(seed);
  const drawn = cases
    .map((input, index) => ({ input, index, lot: random.fraction() }))
    .toSorted((one, other) => one.lot - other.lot)
    .slice(0, count);
  return drawn.toSorted((one, other) => one.index - other.index).map(({ input }) => input);
}

function readFilter(text: string): { readonly kind: Kind; readonly pattern: RegExp } {
  const [, kind, value] = /^(\w+)=(.+)$/su.exec(text) ?? [];
  const known = KINDS.find((candidate) => candidate === kind);
  if (known === undefined || value === undefined) {
    throw createError("badSelection", [text, KINDS.join(", ")]);
  }
  const escaped = value.split("*").map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`));
  return { kind: known, pattern: new RegExp(`^${escaped.join(".*")}$`, "su") };
}

function namesOf(names: readonly string[]): string {
  const unique = [...new Set(names)];
  return unique.length > 8 ? `${unique.slice(0, 8).join(", ")}, …` : unique.join(", ");
}

/** fast: all slots and the prompt cache. exact: one slot and no cache, so that the same seed gives the same answer. */
export const MODES = ["fast", "exact"] as const;
export type Mode = (typeof MODES)[number];

/** One variant with one setting, one case and one repeat. */
export interface Cell {
  /** Id of its variant. */
  readonly variant: string;
  /** The model asked for, as in the setting. */
  readonly model: string | undefined;
  /** Cells of one family begin alike: one variant with one effort. */
  readonly family: string;
  readonly case: Case;
  /** From 1. */
  readonly repeat: number;
  readonly prompt: PromptRequest;
  readonly draw: SamplingSettings;
  /** The text that the model reads, as the server renders it. */
  readonly rendered: string;
  /** What answers instead of the model alone; its prompt has no messages then. */
  readonly program?: Program | undefined;
  /** What it is stored under: two cells with the same key are the same question. */
  readonly key: string;
}

/** All that decides an answer, as far as it can be decided. */
export interface KeyParts {
  readonly rendered: string;
  readonly draw: SamplingSettings;
  readonly modelHash: string;
  readonly build: string;
  readonly mode: Mode;
  /** The grammar or schema that the server holds the answer to. */
  readonly constraint?: string | undefined;
}

/** SHA-256, in hexadecimal. A template, a date or an effort that changes the prompt changes the key. */
export function keyOf({ rendered, draw, modelHash, build, mode, constraint }: KeyParts): string {
  const { temperature, topP, topK, minP, maxTokens, seed } = draw;
  const parts = [rendered, temperature, topP, topK, minP, maxTokens, seed, modelHash, build, mode];
  // without a constraint the key is the same as in stores that were written before there were any
  if (constraint !== undefined) parts.push(constraint);
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

export type RequestMessage = Pick<ChatMessage, "role" | "content" | "toolCalls" | "toolCallId">;

/** What decides the prompt that the model reads. */
export interface PromptRequest {
  readonly messages: readonly RequestMessage[];
  readonly effort: Setting["effort"];
  readonly date: string;
  readonly tools: Readonly<CompleteDefinition["tools"]>;
  /** The form that a judge's verdict must have. */
  readonly responseFormat?: ResponseFormat;
}

/** What decides how an answer is drawn. */
export interface SamplingSettings extends Sampling {
  /** Tokens, thinking included. */
  readonly maxTokens: number;
  readonly seed: number;
}

const ROLES = { system: "system", human: "user", ai: "assistant", tool: "tool" } as const;

/** The messages of one prompt with one case, safe to send. */
export async function messagesOf(
  prompt: Prompt,
  variables: Readonly<Record<string, string>>,
  history: Case["history"] = [],
): Promise<readonly RequestMessage[]> {
  const messages = await createChatPrompt(prompt).formatMessages({ ...variables, history: historyMessages(history) });
  return messages.map(requestMessageOf);
}

function requestMessageOf(message: BaseMessage): RequestMessage {
  const calls = AIMessage.isInstance(message) ? (message.tool_calls ?? []) : [];
  return {
    role: ROLES[message.type as keyof typeof ROLES],
    content: sanitizeControlTokens(message.text),
    ...(calls.length > 0 && { toolCalls: calls.map(toolCallOf) }),
    ...(ToolMessage.isInstance(message) && { toolCallId: message.tool_call_id }),
  };
}

function toolCallOf({ name, args, id = "" }: NonNullable<AIMessage["tool_calls"]>[number]): ToolCall {
  return { id, name, arguments: JSON.stringify(args) };
}

/** A cell's prompt as a request; with `draw` also how its answer is sampled. */
export function requestOf(
  { messages, effort, date, tools, responseFormat }: PromptRequest,
  draw?: SamplingSettings,
): InferenceRequest {
  return {
    messages,
    effort,
    tools,
    responseFormat,
    currentDate: date,
    ...(draw && { sampling: draw, maxTokens: draw.maxTokens, seed: draw.seed }),
  };
}
