import { packageFile } from "../platform/folders.ts";

/** How a model is sampled unless the user says otherwise. */
export interface Sampling {
  readonly temperature: number;
  readonly topP: number;
  /** 0 switches it off. */
  readonly topK: number;
  readonly minP: number;
}

export interface ModelFile {
  readonly name: string;
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** One model that setup knows: where it comes from and what it takes to run it. */
export interface ModelEntry {
  readonly name: string;
  /** In order; the first is the one that a server is pointed at. */
  readonly files: readonly ModelFile[];
  /** Where it is fetched from; undefined for a model that ships with the package. */
  readonly source: { readonly repository: string; readonly revision: string } | undefined;
  readonly sampling: Sampling;
  /** Bytes of memory that a machine should have to run it well. */
  readonly wantedMemory: number;
}

/** OpenAI's own recommendation for gpt-oss, with the other filters off. */
export const SAMPLING: Sampling = { temperature: 1, topP: 1, topK: 0, minP: 0 };

const GPT_OSS = {
  sampling: SAMPLING,
} as const;

/** Sizes and hashes of what is on Hugging Face; the hash decides what is a model and what is not. */
export const CATALOGUE: readonly ModelEntry[] = [
  {
    name: "gpt-oss-20b",
    files: [
      {
        name: "gpt-oss-20b-mxfp4.gguf",
        bytes: 12_109_566_560,
        sha256: "be37a636aca0fc1aae0d32325f82f6b4d21495f06823b5fbc1898ae0303e9935",
      },
    ],
    source: { repository: "ggml-org/gpt-oss-20b-GGUF", revision: "e1dc459feff949ff451ce107337a2026daa80df8" },
    wantedMemory: 16e9,
    ...GPT_OSS,
  },
  {
    name: "gpt-oss-120b",
    files: [
      {
        name: "gpt-oss-120b-mxfp4-00001-of-00003.gguf",
        bytes: 12_980_384,
        sha256: "e2865eb6c1df7b2ffbebf305cd5d9074d5ccc0fe3b862f98d343a46dad1606f9",
      },
      {
        name: "gpt-oss-120b-mxfp4-00002-of-00003.gguf",
        bytes: 31_738_487_200,
        sha256: "346492f65891fb27cac5c74a8c07626cbfeb4211cd391ec4de37dbbe3109a93b",
      },
      {
        name: "gpt-oss-120b-mxfp4-00003-of-00003.gguf",
        bytes: 31_635_878_880,
        sha256: "66dca81040933f5a49177e82c479c51319cefb83bd22dad9f06dad45e25f1463",
      },
    ],
    source: { repository: "ggml-org/gpt-oss-120b-GGUF", revision: "d932fcea62f83e088d8f076a2cd2d7eb02dfa682" },
    wantedMemory: 64e9,
    ...GPT_OSS,
  },
  {
    name: "demo",
    files: [
      {
        name: "demo.gguf",
        bytes: 2_577_504,
        sha256: "37ac065a2d40e08384b9855bc5a6d20139cba7a2ff17a0eb63c5aca34ab9e114",
      },
    ],
    source: undefined,
    // small as it is, it only answers well when it takes its likeliest word
    sampling: { temperature: 0, topP: 1, topK: 0, minP: 0 },
    wantedMemory: 1e9,
  },
];

export function findModel(name: string): ModelEntry | undefined {
  return CATALOGUE.find((model) => model.name === name);
}

/** The demo model's file inside the package. */
export function shippedModelPath(model: ModelEntry): string {
  return packageFile(`setup/demo-model/${model.files[0]?.name ?? ""}`);
}

export function modelBytes(model: Pick<ModelEntry, "files">): number {
  return model.files.reduce((sum, file) => sum + file.bytes, 0);
}
