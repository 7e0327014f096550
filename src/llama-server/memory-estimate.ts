import { type LocalizedText, errorDetail } from "../i18n/error-messages.ts";
import type { Platform } from "../platform/platform.ts";
import { formatBytes } from "../terminal/format.ts";
import { type ModelEntry, modelBytes as bytesOf } from "./model-catalogue.ts";

const GIB = 2 ** 30;
/** What llama-server needs beside weights and context: compute buffers (facts: 2.7 GB for gpt-oss). */
const COMPUTE_BYTES = 2.7e9;
/** What the system and other programs keep. */
const SYSTEM_BYTES = 3 * GIB;
const STEP = 4_096;

export interface ContextInput {
  /** Bytes of the model's files. */
  readonly modelBytes: number;
  /** Bytes of key-value cache for one more token of context. */
  readonly cacheBytesPerToken: number;
  /** Tokens of context that the model was trained for. */
  readonly trainedContext: number;
  /** Bytes of memory in the machine. */
  readonly totalMemory: number;
  /** Conversations at once, each with a context of its own; 1 by default. */
  readonly slots?: number;
  /** 8,192 to 32,768 by default. */
  readonly range?: ContextRange | undefined;
}

/** Tokens of context that a conversation needs, and how many it should have if memory allows. */
export interface ContextRange {
  readonly smallest: number;
  readonly comfortable: number;
}

/** The default ceiling: longer contexts cost speed at every token, and few conversations need them. */
const CONVERSATION: ContextRange = { smallest: 8_192, comfortable: 32_768 };

/** The context of one conversation that fits beside the model in this machine's memory, in tokens, within a range. */
export function chooseContextSize({
  modelBytes,
  cacheBytesPerToken,
  trainedContext,
  totalMemory,
  slots = 1,
  range = CONVERSATION,
}: ContextInput): number {
  const room = totalMemory - SYSTEM_BYTES - COMPUTE_BYTES - modelBytes;
  const fitting = Math.floor(room / (cacheBytesPerToken * slots) / STEP) * STEP;
  return Math.min(trainedContext, Math.max(range.smallest, Math.min(range.comfortable, fitting)));
}

/** llama-server keeps up to 8 GiB of old prompts by default, which a small machine does not have. */
export function chooseCacheMebibytes(totalMemory: number): number {
  return Math.min(8_192, Math.max(256, Math.floor(totalMemory / 16 / 2 ** 20)));
}

/** Bytes that a model takes without its context: weights and compute buffers, which are small for a small model. */
export function residentBytes(modelBytes: number): number {
  return modelBytes + Math.min(COMPUTE_BYTES, modelBytes);
}

/** Whether servers that take this many bytes together fit in a machine, beside the system. */
export function fitsInMemory(bytes: number, totalMemory: number): boolean {
  return bytes <= totalMemory - SYSTEM_BYTES;
}

/** A Mac lets its GPU use about two thirds of memory; the rest needs a setting. */
const METAL_SHARE = 0.67;

/** What to know before fetching a model that is large for this machine; nothing when it fits well. */
export function memoryAdvice(model: ModelEntry, { system, backend, totalMemory }: Platform): readonly LocalizedText[] {
  if (totalMemory === undefined) return [];
  const bytes = bytesOf(model);
  const advice: LocalizedText[] = [];
  if (totalMemory < bytes) {
    advice.push(errorDetail("largerThanMemory", model.name, formatBytes(bytes), formatBytes(totalMemory)));
  } else if (totalMemory < model.wantedMemory) {
    advice.push(errorDetail("wantsMemory", model.name, formatBytes(model.wantedMemory), formatBytes(totalMemory)));
  }
  if (system === "darwin" && backend === "metal" && totalMemory >= bytes && totalMemory * METAL_SHARE < bytes + 2.7e9) {
    advice.push(...smallMacAdvice(bytes));
  }
  return advice;
}

/** The three ways to run a model that is larger than what macOS gives to the GPU (facts: mlx-lm#644). */
function smallMacAdvice(bytes: number): LocalizedText[] {
  const mebibytes = Math.ceil((bytes + 2.7e9) / 2 ** 20 / 256) * 256;
  return [
    errorDetail("raiseGpuLimit", `sudo sysctl iogpu.wired_limit_mb=${mebibytes}`),
    errorDetail(
      "leavePartOnCpu",
      "llama-server --n-cpu-moe 12 --load-mode none --ctx-size 32768 --parallel 1 --cache-ram 256",
    ),
    errorDetail("keepContextSmall"),
  ];
}
