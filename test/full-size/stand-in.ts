import { readFileSync } from "node:fs";
import { packageFile } from "../../src/platform/folders.ts";
import { CONTROL_TOKENS, harmonyVocabulary, type Vocabulary } from "./harmony-vocabulary.ts";
import { type GptOssShape, gptOssShape, text, uint, WIDTH } from "../gguf/support/gpt-oss-shape.ts";
import { type GgufTensor, type GgufValue, type TensorType, writeGguf } from "../gguf/support/write-gguf.ts";

/** 64 query heads of 64 elements; 8 heads for keys and values. */
const QUERY_WIDTH = 4_096;
const KEY_WIDTH = 512;

/** What the model says, whatever it is asked. */
export const STAND_IN_ANSWER =
  " Hello from a model with the size and shape of gpt-oss-20b, but nothing learned: 東京は日本の首都です。 It always says these words";

/** The exact shape of gpt-oss-20b: 12.1 GB, of which about 10 MB are on disk. */
export const FULL_SIZE: GptOssShape = { layers: 24, experts: 32 };
/** The real vocabulary in a model that loads in a second: 1.4 GB, also about 10 MB on disk. */
export const SMALL_SIZE: GptOssShape = { layers: 2, experts: 4 };

/**
 * Writes a model with the tensors, types and tokenizer of gpt-oss that has learned nothing. Every layer adds zero, so the next token
 * depends on the last one alone, and the model always says the same sentence, at the cost of the real one. Its router is zero: all tokens
 * use the same four experts, which a cache likes better than the real model's choices.
 * @returns the file's size in bytes
 */
export function writeStandIn(path: string, { layers, experts }: GptOssShape): number {
  const vocabulary = harmonyVocabulary();
  return writeGguf(path, metadataOf(vocabulary, { layers, experts }), [
    ...embeddingsOf(vocabulary),
    ...Array.from({ length: layers }, (_, layer) => layerTensors(layer, experts)).flat(),
  ]);
}

function metadataOf({ tokens, merges, isControl }: Vocabulary, { layers, experts }: GptOssShape) {
  return {
    "general.architecture": text("gpt-oss"),
    "general.name": text("gpt-oss shape, nothing learned"),
    "general.size_label": text(layers > 24 ? "120B" : "20B"),
    "general.file_type": uint(38),
    ...gptOssShape({ layers, experts }),
    "gpt-oss.vocab_size": uint(tokens.length),
    "tokenizer.ggml.model": text("gpt2"),
    "tokenizer.ggml.pre": text("gpt-4o"),
    "tokenizer.ggml.tokens": { type: "strings", value: tokens },
    "tokenizer.ggml.token_type": { type: "int32s", value: tokens.map((_, id) => (isControl(id) ? 3 : 1)) },
    "tokenizer.ggml.merges": { type: "strings", value: merges },
    "tokenizer.ggml.bos_token_id": uint(CONTROL_TOKENS["<|startoftext|>"]),
    "tokenizer.ggml.eos_token_id": uint(CONTROL_TOKENS["<|return|>"]),
    "tokenizer.ggml.padding_token_id": uint(CONTROL_TOKENS["<|endoftext|>"]),
    "tokenizer.ggml.add_bos_token": { type: "bool", value: false },
    "tokenizer.chat_template": text(readFileSync(packageFile("setup/demo-model/chat_template.jinja"), "utf8")),
  } satisfies Record<string, GgufValue>;
}

/**
 * The tokens that the model says, one after the other, from "assistant" on. Each is in it once, since only the last token decides about
 * the next one.
 */
function spokenTokens({ encode }: Vocabulary): readonly number[] {
  const { "<|channel|>": channel, "<|message|>": message, "<|return|>": end } = CONTROL_TOKENS;
  return [...new Set([...encode("assistant"), channel, ...encode("final"), message, ...encode(STAND_IN_ANSWER), end])];
}

/** A token's vector is a random row of signs, and its successor's row in the output is the same one: it gets the highest score. */
function embeddingsOf(vocabulary: Vocabulary): readonly GgufTensor[] {
  const spoken = spokenTokens(vocabulary);
  const sign = randomSigns();
  const pairs = spoken.slice(0, -1).map((token, index) => {
    const signs = Array.from({ length: WIDTH }, sign);
    return { token, next: spoken[index + 1] ?? token, signs };
  });
  const rowBytes = (WIDTH / 32) * 34;
  const shape = [WIDTH, vocabulary.tokens.length];
  return [
    {
      name: "token_embd.weight",
      type: "q8_0",
      shape,
      contents: pairs.map(({ token, signs }) => ({ at: token * rowBytes, bytes: quantized(signs, 0.5 / 127) })),
    },
    { name: "output_norm.weight", type: "f32", shape: [WIDTH], contents: [{ at: 0, bytes: ones() }] },
    {
      name: "output.weight",
      type: "q8_0",
      shape,
      contents: pairs.map(({ next, signs }) => ({ at: next * rowBytes, bytes: quantized(signs, 0.01 / 127) })),
    },
  ];
}

function layerTensors(layer: number, experts: number): readonly GgufTensor[] {
  const tensor = (name: string, type: TensorType, ...shape: number[]): GgufTensor => ({
    name: `blk.${layer}.${name}`,
    type,
    shape,
  });
  const norm = (name: string): GgufTensor => ({
    ...tensor(name, "f32", WIDTH),
    contents: [{ at: 0, bytes: ones() }],
  });
  return [
    norm("attn_norm.weight"),
    tensor("attn_q.weight", "q8_0", WIDTH, QUERY_WIDTH),
    tensor("attn_q.bias", "f32", QUERY_WIDTH),
    tensor("attn_k.weight", "q8_0", WIDTH, KEY_WIDTH),
    tensor("attn_k.bias", "f32", KEY_WIDTH),
    tensor("attn_v.weight", "q8_0", WIDTH, KEY_WIDTH),
    tensor("attn_v.bias", "f32", KEY_WIDTH),
    tensor("attn_output.weight", "q8_0", QUERY_WIDTH, WIDTH),
    tensor("attn_output.bias", "f32", WIDTH),
    tensor("attn_sinks.weight", "f32", 64),
    norm("post_attention_norm.weight"),
    tensor("ffn_gate_inp.weight", "f32", WIDTH, experts),
    tensor("ffn_gate_inp.bias", "f32", experts),
    ...["gate", "up", "down"].flatMap((name) => [
      tensor(`ffn_${name}_exps.weight`, "mxfp4", WIDTH, WIDTH, experts),
      tensor(`ffn_${name}_exps.bias`, "f32", WIDTH, experts),
    ]),
  ];
}

function ones(): Uint8Array {
  return new Uint8Array(new Float32Array(WIDTH).fill(1).buffer);
}

/** A row in Q8_0: blocks of 32 elements, each with a scale as a half-precision number. */
function quantized(values: readonly number[], scale: number): Uint8Array {
  const bytes = Buffer.alloc((values.length / 32) * 34);
  values.forEach((value, index) => {
    const block = Math.floor(index / 32) * 34;
    if (index % 32 === 0) bytes.writeUInt16LE(halfPrecision(scale), block);
    bytes.writeInt8(value, block + 2 + (index % 32));
  });
  return bytes;
}

/** The bits of a positive number of ordinary size (neither subnormal nor infinite) in half precision. */
function halfPrecision(value: number): number {
  const [bits = 0] = new Uint32Array(new Float32Array([value]).buffer);
  return (((((bits >>> 23) & 0xff) - 112) << 10) | ((bits >>> 13) & 0x3ff)) & 0xffff;
}

/** Signs, as the largest values of a byte, that are the same in every run (xorshift32). */
function randomSigns(): () => number {
  let state = 7;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 1 ? 127 : -127;
  };
}
