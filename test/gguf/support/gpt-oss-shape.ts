import type { GgufValue } from "./write-gguf.ts";

export const uint = (value: number): GgufValue => ({ type: "uint32", value });
export const float = (value: number): GgufValue => ({ type: "float32", value });
export const text = (value: string): GgufValue => ({ type: "string", value });

/** Elements of a token's vector in gpt-oss-20b and gpt-oss-120b. */
export const WIDTH = 2_880;

export interface GptOssShape {
  /** 24 for gpt-oss-20b, 36 for gpt-oss-120b. */
  readonly layers: number;
  /** 32 for gpt-oss-20b, 128 for gpt-oss-120b. */
  readonly experts: number;
}

/** The values with which the header of a gpt-oss file describes the model's shape. */
export function gptOssShape({ layers, experts }: GptOssShape): Readonly<Record<string, GgufValue>> {
  return {
    "gpt-oss.block_count": uint(layers),
    "gpt-oss.context_length": uint(131_072),
    "gpt-oss.embedding_length": uint(WIDTH),
    "gpt-oss.feed_forward_length": uint(WIDTH),
    "gpt-oss.expert_feed_forward_length": uint(WIDTH),
    "gpt-oss.expert_count": uint(experts),
    "gpt-oss.expert_used_count": uint(4),
    "gpt-oss.attention.head_count": uint(64),
    "gpt-oss.attention.head_count_kv": uint(8),
    "gpt-oss.attention.key_length": uint(64),
    "gpt-oss.attention.value_length": uint(64),
    "gpt-oss.attention.sliding_window": uint(128),
    "gpt-oss.attention.layer_norm_rms_epsilon": float(1e-5),
    "gpt-oss.rope.freq_base": float(150_000),
    "gpt-oss.rope.scaling.type": text("yarn"),
    "gpt-oss.rope.scaling.factor": float(32),
    "gpt-oss.rope.scaling.original_context_length": uint(4_096),
  };
}
