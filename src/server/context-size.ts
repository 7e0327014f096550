const GIB = 2 ** 30;
/** What llama-server needs beside weights and context: compute buffers (facts: 2.7 GB for gpt-oss). */
const COMPUTE_BYTES = 2.7e9;
/** What the system and other programs keep. */
const SYSTEM_BYTES = 3 * GIB;
const SMALLEST = 8_192;
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
}

/** The default ceiling: longer contexts cost speed at every token, and few conversations need them. */
const COMFORTABLE = 32_768;

/** The context of one conversation that fits beside the model in this machine's memory, in tokens: at least 8,192, at most 32,768. */
export function chooseContextSize({
  modelBytes,
  cacheBytesPerToken,
  trainedContext,
  totalMemory,
  slots = 1,
}: ContextInput): number {
  const room = totalMemory - SYSTEM_BYTES - COMPUTE_BYTES - modelBytes;
  const fitting = Math.floor(room / (cacheBytesPerToken * slots) / STEP) * STEP;
  return Math.min(trainedContext, Math.max(SMALLEST, Math.min(COMFORTABLE, fitting)));
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
