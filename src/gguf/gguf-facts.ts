import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { createError, errorDetail } from "../i18n/error-messages.ts";
import { damagedGguf, type GgufHeader, type GgufTensor, readGgufHeader } from "./gguf-header.ts";

/** What the header of a model's file says; fields that the file leaves out are undefined. */
export interface GgufFacts {
  /** llama.cpp's name of the architecture, such as `gpt-oss`. */
  readonly architecture: string;
  readonly layers: number | undefined;
  /** Tokens that a layer with a sliding window looks back; undefined where no layer has one. */
  readonly slidingWindow: number | undefined;
  /** How many layers have that window. */
  readonly slidingLayers: number;
  /** Tokens of context that the model was trained for. */
  readonly trainedContext: number | undefined;
  readonly heads: number | undefined;
  /** Of one layer, the largest where layers differ. */
  readonly keyValueHeads: number | undefined;
  readonly keyLength: number | undefined;
  readonly valueLength: number | undefined;
  /** Elements of keys and values that one more token adds to all layers without a window, and to those with one. */
  readonly cacheElements: { readonly full: number; readonly sliding: number } | undefined;
  /** 0 where the model has none. */
  readonly experts: number;
  readonly usedExperts: number;
  readonly embeddingLength: number | undefined;
  readonly feedForwardLength: number | undefined;
  readonly vocabularySize: number | undefined;
  /** The template inside the file. */
  readonly chatTemplate: string | undefined;
  /** llama.cpp's number of the quantization. */
  readonly fileType: number | undefined;
  readonly tensors: number;
  readonly tensorBytes: TensorBytes;
  /** Paths of all files, in order. */
  readonly parts: readonly string[];
  /** Bytes of all files. */
  readonly fileBytes: number;
}

/** Bytes of tensors by what they are. */
export interface TensorBytes {
  readonly total: number;
  readonly experts: number;
  readonly attention: number;
  /** Embeddings and the output matrix. */
  readonly embeddings: number;
  readonly other: number;
  /** Weights of the types that llama.cpp copies into another order on a CPU with AVX2 or NEON. */
  readonly repackable: number;
}

/** Ours are named in full; others, such as those of the tokenizer, by length alone. */
const WANTED = /^general\.(architecture|file_type)$|^split\.|^tokenizer\.(chat_template|ggml\.tokens)$/;
const WANTED_OF_ARCHITECTURE =
  /^[^.]+\.(block_count|context_length|embedding_length|feed_forward_length|expert_feed_forward_length|expert_count|expert_used_count|vocab_size|attention\.(head_count|head_count_kv|key_length|value_length|sliding_window|sliding_window_pattern))$/;
/** llama.cpp's LLAMA_MAX_LAYERS is 512. */
const MOST_LAYERS = 4_096;

/**
 * Every how many layers one has no window, where the file does not say (src/models/*.cpp of llama.cpp v0.5.0). An architecture that is
 * not here counts as one without a window, which takes more memory and never less.
 */
const PATTERNS: Readonly<Record<string, number>> = {
  "gpt-oss": 2,
  gemma2: 2,
  gemma3: 6,
  gemma3n: 5,
  cohere2: 4,
  olmo2: 4,
  exaone4: 4,
  "exaone-moe": 4,
  afmoe: 4,
};

/**
 * Reads what the header of a model says; of a split model, the headers of all its parts.
 * @param path of the first part, which all other parts are beside
 * @throws GptOssError `model-missing` when a part is missing, damaged or incomplete, `usage` for a part that is not the first
 */
export function readGgufFacts(path: string): GgufFacts {
  const first = readGgufHeader(path, { isWanted });
  const headers = [first, ...otherParts(first)];
  const tensors = headers.flatMap((header) => header.tensors);
  return {
    ...describeShape(first),
    tensors: tensors.length,
    tensorBytes: sumTensors(tensors),
    parts: headers.map((header) => header.path),
    fileBytes: headers.reduce((sum, { fileBytes }) => sum + fileBytes, 0),
  };
}

const known = new Map<string, { readonly stamp: string; readonly facts: GgufFacts }>();

/** The same; a file that has not changed since is not read again. */
export function ggufFactsOf(path: string): GgufFacts {
  const found = statSync(path, { throwIfNoEntry: false });
  const stamp = `${found?.size} ${found?.mtimeMs}`;
  const before = known.get(path);
  if (before?.stamp === stamp) return before.facts;
  const facts = readGgufFacts(path);
  known.set(path, { stamp, facts });
  return facts;
}

function isWanted(key: string): boolean {
  return WANTED.test(key) || WANTED_OF_ARCHITECTURE.test(key);
}

/** llama-gguf-split writes `NAME-00001-of-00003.gguf`, and llama.cpp finds the others by that name alone. */
const PART_NAME = /-(\d{5})-of-(\d{5})\.gguf$/;

function otherParts(first: GgufHeader): GgufHeader[] {
  const { path } = first;
  const count = numberIn(first, "split.count", MOST_LAYERS) ?? 1;
  if (count <= 1) return [];
  const number = numberIn(first, "split.no", MOST_LAYERS) ?? 0;
  if (number !== 0) throw createError("notFirstGgufPart", [path, number + 1, count]);
  const found = PART_NAME.exec(path);
  const base = found?.[1] === "00001" && Number(found[2]) === count ? path.slice(0, found.index) : undefined;
  const headers: GgufHeader[] = [];
  for (let part = 2; part <= count; part++) {
    const name = `-${String(part).padStart(5, "0")}-of-${String(count).padStart(5, "0")}.gguf`;
    const other = base === undefined ? join(dirname(path), `*${name}`) : `${base}${name}`;
    if (base === undefined || !existsSync(other)) throw createError("ggufPartMissing", [other, part, count]);
    const header = readGgufHeader(other, { isWanted });
    if (numberIn(header, "split.no", MOST_LAYERS) !== part - 1) {
      throw damagedGguf(other, errorDetail("ggufField", "split.no"));
    }
    headers.push(header);
  }
  return headers;
}

type Shape = Omit<GgufFacts, "tensors" | "tensorBytes" | "parts" | "fileBytes">;

function describeShape(header: GgufHeader): Shape {
  const architecture = header.values.get("general.architecture");
  if (typeof architecture !== "string" || architecture === "") {
    throw damagedGguf(header.path, errorDetail("ggufField", "general.architecture"));
  }
  const number = (name: string, most?: number) => numberIn(header, `${architecture}.${name}`, most);
  const layers = number("block_count", MOST_LAYERS);
  const heads = largestOf(header, `${architecture}.attention.head_count`);
  const embeddingLength = number("embedding_length");
  const headLength = heads && embeddingLength ? Math.floor(embeddingLength / heads) : undefined;
  const keyLength = number("attention.key_length") ?? headLength;
  const valueLength = number("attention.value_length") ?? headLength;
  const keyValueHeads = largestOf(header, `${architecture}.attention.head_count_kv`) ?? heads;
  const window = number("attention.sliding_window") || undefined;
  const isSliding = slidingLayers(header, architecture, layers ?? 0, window);
  const tokens = header.values.get("tokenizer.ggml.tokens");
  const template = header.values.get("tokenizer.chat_template");
  const headsOfLayer = keyValueHeadsOfLayer(header, architecture, keyValueHeads);
  let cacheElements: GgufFacts["cacheElements"];
  if (layers !== undefined && headsOfLayer && keyLength !== undefined && valueLength !== undefined) {
    let full = 0;
    let sliding = 0;
    for (let layer = 0; layer < layers; layer++) {
      const elements = headsOfLayer(layer) * (keyLength + valueLength);
      if (isSliding[layer]) sliding += elements;
      else full += elements;
    }
    cacheElements = { full, sliding };
  }
  return {
    architecture,
    layers,
    slidingWindow: isSliding.includes(true) ? window : undefined,
    slidingLayers: isSliding.filter(Boolean).length,
    trainedContext: number("context_length") || undefined,
    heads,
    keyValueHeads,
    keyLength,
    valueLength,
    cacheElements,
    experts: number("expert_count") ?? 0,
    usedExperts: number("expert_used_count") ?? 0,
    embeddingLength,
    feedForwardLength: number("expert_feed_forward_length") ?? largestOf(header, `${architecture}.feed_forward_length`),
    vocabularySize:
      number("vocab_size") ?? (typeof tokens === "object" && "length" in tokens ? tokens.length : undefined),
    chatTemplate: typeof template === "string" ? template : undefined,
    fileType: numberIn(header, "general.file_type"),
  };
}

/** Which layers have a sliding window. */
function slidingLayers(
  header: GgufHeader,
  architecture: string,
  layers: number,
  window: number | undefined,
): readonly boolean[] {
  const pattern = header.values.get(`${architecture}.attention.sliding_window_pattern`);
  const listed = Array.isArray(pattern) ? (pattern as readonly (number | boolean)[]) : undefined;
  const every = typeof pattern === "number" ? pattern : PATTERNS[architecture];
  return Array.from({ length: layers }, (_, layer) => {
    if (window === undefined) return false;
    if (listed !== undefined) return Boolean(listed[layer]);
    return every !== undefined && every > 0 && layer % every < every - 1;
  });
}

function keyValueHeadsOfLayer(
  header: GgufHeader,
  architecture: string,
  fallback: number | undefined,
): ((layer: number) => number) | undefined {
  const value = header.values.get(`${architecture}.attention.head_count_kv`);
  if (Array.isArray(value)) return (layer) => Number((value as readonly (number | boolean)[])[layer] ?? fallback ?? 0);
  return fallback === undefined ? undefined : () => fallback;
}

/** A whole number of the header. @throws GptOssError for anything else under this name */
function numberIn(header: GgufHeader, key: string, most = 2 ** 32): number | undefined {
  const value = header.values.get(key);
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw damagedGguf(header.path, errorDetail("ggufField", key));
}

/** The same, for a value that may differ between layers. */
function largestOf(header: GgufHeader, key: string): number | undefined {
  const value = header.values.get(key);
  if (!Array.isArray(value)) return numberIn(header, key);
  const numbers = (value as readonly (number | boolean)[]).map(Number);
  if (numbers.every((each) => Number.isInteger(each) && each >= 0 && each <= 2 ** 32)) return Math.max(0, ...numbers);
  throw damagedGguf(header.path, errorDetail("ggufField", key));
}

/** Q4_0, Q4_K, IQ4_NL and MXFP4 (ggml-cpu/repack.cpp of llama.cpp v0.5.0). */
const REPACKED_TYPES: ReadonlySet<number> = new Set([2, 12, 20, 39]);

function sumTensors(tensors: readonly GgufTensor[]): TensorBytes {
  const sums = { total: 0, experts: 0, attention: 0, embeddings: 0, other: 0, repackable: 0 };
  for (const { name, type, bytes = 0 } of tensors) {
    sums.total += bytes;
    sums[kindOf(name)] += bytes;
    if (REPACKED_TYPES.has(type) && name !== "token_embd.weight") sums.repackable += bytes;
  }
  return sums;
}

function kindOf(name: string): Exclude<keyof TensorBytes, "total" | "repackable"> {
  if (/^blk\.\d+\.ffn_\w+_(exps|shexp|chexps)\./.test(name)) return "experts";
  if (/^blk\.\d+\.attn_/.test(name)) return "attention";
  return /^(token_embd|output)\./.test(name) ? "embeddings" : "other";
}
