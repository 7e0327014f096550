import { type LocalizedText, errorDetail } from "../i18n/error-messages.ts";
import type { Platform } from "../platform/platform.ts";
import { formatBytes } from "../terminal/format.ts";
import type { GgufFacts } from "../gguf/gguf-facts.ts";

const GIB = 2 ** 30;
const MIB = 2 ** 20;
/** Bytes that the system and other programs need. */
const SYSTEM_BYTES = 3 * GIB;
const STEP = 4_096;
/** A key or a value has 16 bits. */
const BYTES_PER_ELEMENT = 2;
/** Bytes of key-value cache for one more token, where a header does not say: what gpt-oss-120b takes. */
const CACHE_BYTES_PER_TOKEN = 36_864;
/** Tokens, where a header does not say. */
const TRAINED_CONTEXT = 8_192;
/** llama.cpp's default of `--ubatch-size`. */
const DEFAULT_UBATCH = 512;
/** Vectors of 32-bit numbers, as long as an embedding, that each token of a batch takes in the compute buffers. Measured: 93 MiB at 512. */
const COMPUTE_VECTORS = 16.5;
/** Bytes of the program, and of one entry of the vocabulary. */
const PROGRAM_BYTES = 12 * MIB;
const VOCABULARY_ENTRY_BYTES = 250;
/** llama-server saves a state of the sliding layers every so many tokens, and at most 32 of them in a slot. */
const CHECKPOINT_STEP = 8_192;
const CHECKPOINTS = 32;
const SMALLEST_CACHE_BYTES = 256 * MIB;
const LARGEST_CACHE_BYTES = 8 * GIB;

/** What a header says of the memory that its model takes. */
export type MemoryFacts = Pick<
  GgufFacts,
  | "cacheElements"
  | "embeddingLength"
  | "fileBytes"
  | "slidingWindow"
  | "tensorBytes"
  | "trainedContext"
  | "vocabularySize"
>;

/** How a server is to run. */
export interface MemoryInput {
  readonly facts: MemoryFacts;
  /** Tokens of one conversation. */
  readonly contextPerSlot: number;
  /** Conversations at once. */
  readonly slots: number;
  /** Tokens that are processed at once; llama.cpp's own choice when undefined. */
  readonly batchSize?: number | undefined;
  /** Whether the server computes on a CPU, for which llama.cpp repacks some types of weights. */
  readonly isCpu: boolean;
}

/** Bytes that a server takes. */
export interface MemoryPrediction {
  /** Memory of the server's own: repacked weights, key-value cache, compute buffers, vocabulary. */
  readonly private: number;
  /** The part of the model's file that it reads again and again. The system may drop these pages, and then they have to be read again. */
  readonly mapped: number;
  /** What the saved states of long conversations may add. */
  readonly checkpoints: number;
  /** Key-value cache for one more token of one conversation. */
  readonly perToken: number;
}

/** Predicts the memory of a server. On a CPU, within 10 % of what was measured (docs/performance.md). */
export function predictMemory({ facts, contextPerSlot, slots, batchSize, isCpu }: MemoryInput): MemoryPrediction {
  const { cacheElements, embeddingLength = 0, slidingWindow, tensorBytes, fileBytes, vocabularySize = 0 } = facts;
  const ubatch = Math.min(batchSize ?? DEFAULT_UBATCH, DEFAULT_UBATCH);
  const perToken = cacheElements === undefined ? CACHE_BYTES_PER_TOKEN : cacheElements.full * BYTES_PER_ELEMENT;
  const slidingTokens = slidingWindow === undefined ? 0 : Math.ceil((slidingWindow + ubatch) / 256) * 256;
  const sliding = (cacheElements?.sliding ?? 0) * BYTES_PER_ELEMENT * Math.min(slidingTokens, contextPerSlot);
  const compute = ubatch * (COMPUTE_VECTORS * 4 * embeddingLength + 2 * contextPerSlot);
  const repacked = isCpu ? tensorBytes.repackable : 0;
  return {
    private:
      repacked +
      slots * (perToken * contextPerSlot + sliding) +
      compute +
      PROGRAM_BYTES +
      VOCABULARY_ENTRY_BYTES * vocabularySize,
    mapped: fileBytes - repacked,
    checkpoints: slots * sliding * Math.min(CHECKPOINTS, 2 + Math.floor(contextPerSlot / CHECKPOINT_STEP)),
    perToken: Math.max(BYTES_PER_ELEMENT, perToken),
  };
}

/** Tokens of context that a conversation needs, and how many it should have if memory allows. */
export interface ContextRange {
  readonly smallest: number;
  readonly comfortable: number;
}

/** The default ceiling: longer contexts cost speed at every token, and few conversations need them. */
const CONVERSATION: ContextRange = { smallest: 8_192, comfortable: 32_768 };

export interface ContextInput extends Omit<MemoryInput, "contextPerSlot"> {
  /** The machine's by default. */
  readonly system?: NodeJS.Platform;
  /** Bytes of memory in the machine. */
  readonly totalMemory: number;
  /** 8,192 to 32,768 by default. */
  readonly range?: ContextRange | undefined;
}

/** The context of one conversation that fits beside the model in this machine's memory, in tokens, within a range. */
export function chooseContextSize({
  totalMemory,
  range = CONVERSATION,
  system = process.platform,
  ...input
}: ContextInput): number {
  const isMetal = system === "darwin" && !input.isCpu;
  const fits = (contextPerSlot: number) => {
    const needed = neededBytes(predictMemory({ ...input, contextPerSlot }));
    if (isMetal && needed > totalMemory * METAL_SHARE) return false;
    return fitsInMemory(needed + SMALLEST_CACHE_BYTES, totalMemory);
  };
  let context = Math.max(range.smallest, Math.floor(range.comfortable / STEP) * STEP);
  while (context > range.smallest && !fits(context)) context = Math.max(range.smallest, context - STEP);
  return Math.min(input.facts.trainedContext ?? TRAINED_CONTEXT, context);
}

/** MiB for prompts that left their slot: a sixteenth of the machine's memory, if a server leaves that much. */
export function chooseCacheMebibytes(totalMemory: number, needed: number): number {
  const left = totalMemory - SYSTEM_BYTES - needed;
  const bytes = Math.min(LARGEST_CACHE_BYTES, totalMemory / 16, left);
  return Math.floor(Math.max(SMALLEST_CACHE_BYTES, bytes) / MIB);
}

/** The same server with half the context and the smallest prompt cache; undefined if it has no more than that. An exact context stays. */
export function reduceMemory<Server extends ReducibleServer>(server: Server): Server | undefined {
  const { contextPerSlot, exactContext, cacheMebibytes } = server;
  const half = Math.max(CONVERSATION.smallest, Math.floor(contextPerSlot / 2 / STEP) * STEP);
  const smaller = {
    ...server,
    contextPerSlot: exactContext ? contextPerSlot : Math.min(contextPerSlot, half),
    cacheMebibytes: Math.min(cacheMebibytes ?? Number.POSITIVE_INFINITY, SMALLEST_CACHE_BYTES / MIB),
  };
  const isSame = smaller.contextPerSlot === contextPerSlot && smaller.cacheMebibytes === cacheMebibytes;
  return isSame ? undefined : smaller;
}

interface ReducibleServer {
  readonly contextPerSlot: number;
  readonly exactContext: boolean;
  readonly cacheMebibytes?: number | undefined;
}

/** Bytes that a server needs to run well, without its prompt cache. */
export function neededBytes({ private: own, mapped, checkpoints }: MemoryPrediction): number {
  return own + mapped + checkpoints;
}

/** Whether servers that take this many bytes together fit in a machine, beside the system. */
export function fitsInMemory(bytes: number, totalMemory: number): boolean {
  return bytes <= totalMemory - SYSTEM_BYTES;
}

/** A Mac lets its GPU use about two thirds of memory; the rest needs a setting. */
const METAL_SHARE = 0.67;
/** Bytes of compute buffers on a GPU, by llama.cpp's guide for gpt-oss; not measured here. */
const METAL_BUFFERS = 2.7e9;

/** A model, as far as advice about its memory depends on it. */
export interface SizedModel {
  readonly name: string;
  /** Bytes of its files. */
  readonly bytes: number;
  /** Bytes of memory that a machine should have to run it well. */
  readonly wantedMemory: number;
}

/** A model in a file of the user's own. */
export function sizedModel(name: string, facts: MemoryFacts): SizedModel {
  const input = { facts, contextPerSlot: CONVERSATION.smallest, slots: 1, isCpu: true };
  return { name, bytes: facts.fileBytes, wantedMemory: neededBytes(predictMemory(input)) + SYSTEM_BYTES };
}

/** What to know before fetching or using a model that is large for this machine; nothing when it fits well. */
export function memoryAdvice(
  { name, bytes, wantedMemory }: SizedModel,
  { system, backend, totalMemory }: Platform,
): readonly LocalizedText[] {
  if (totalMemory === undefined) return [];
  const advice: LocalizedText[] = [];
  if (totalMemory < bytes) {
    advice.push(errorDetail("largerThanMemory", name, formatBytes(bytes), formatBytes(totalMemory)));
  } else if (totalMemory < wantedMemory) {
    advice.push(errorDetail("wantsMemory", name, formatBytes(wantedMemory), formatBytes(totalMemory)));
  }
  if (
    system === "darwin" &&
    backend === "metal" &&
    totalMemory >= bytes &&
    totalMemory * METAL_SHARE < bytes + METAL_BUFFERS
  ) {
    advice.push(...smallMacAdvice(bytes));
  }
  return advice;
}

/** The three ways to run a model that is larger than what macOS gives to the GPU (facts: mlx-lm#644). */
function smallMacAdvice(bytes: number): LocalizedText[] {
  const mebibytes = Math.ceil((bytes + METAL_BUFFERS) / 2 ** 20 / 256) * 256;
  return [
    errorDetail("raiseGpuLimit", `sudo sysctl iogpu.wired_limit_mb=${mebibytes}`),
    errorDetail(
      "leavePartOnCpu",
      "llama-server --n-cpu-moe 12 --load-mode none --ctx-size 32768 --parallel 1 --cache-ram 256",
    ),
    errorDetail("keepContextSmall"),
  ];
}
