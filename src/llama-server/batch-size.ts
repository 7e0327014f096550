import type { Backend } from "../platform/platform.ts";
import { readBuildRecord } from "./find-server.ts";
import { readVerified, type VerifyReport } from "./verify.ts";

/** llama.cpp's default. A GPU needs batches of this size for its full speed. */
const LARGEST = 2_048;
/** Smaller ones make the prompt slower: 78 of 80 tokens a second at 32 on two cores. */
const SMALLEST = 32;
/** A batch of 128 was as fast as one of 2,048 on every CPU that was measured. */
const CPU_DEFAULT = 128;
/** The longest that other conversations, a client that leaves and a progress event should wait for a batch. */
const BATCH_SECONDS = 2;
/** A model below this size reads 2,048 tokens in about a second on any CPU. */
const SMALL_BYTES = 500e6;

export interface BatchInput {
  /** What llama-server was built for; undefined for a program that is not our build. */
  readonly backend: Backend | undefined;
  /** Speeds and layers that setup measured with this program and model. */
  readonly measured: VerifyReport | undefined;
  readonly modelBytes: number;
  /** Whether other machines take layers. */
  readonly hasRpc: boolean;
}

/**
 * The most prompt tokens that llama-server should read at once: what takes one to two seconds on a CPU. While it reads a batch, it
 * answers nothing and notices no client that leaves.
 * @returns undefined for llama.cpp's default
 */
export function chooseBatchSize({ backend, measured, modelBytes, hasRpc }: BatchInput): number | undefined {
  if (hasRpc || !computesOnCpu(backend, measured)) return undefined;
  if (measured === undefined) return modelBytes < SMALL_BYTES ? undefined : CPU_DEFAULT;
  const fitting = 2 ** Math.floor(Math.log2(measured.promptPerSecond * BATCH_SECONDS));
  return fitting >= LARGEST ? undefined : Math.max(SMALLEST, fitting);
}

/** Of a program that is not our build and was never measured, nothing is known: it keeps its default. */
function computesOnCpu(backend: Backend | undefined, measured: VerifyReport | undefined): boolean {
  if (measured !== undefined) return (measured.layers?.offloaded ?? 0) === 0;
  return backend === "cpu";
}

/** How a program computes with a model. */
export interface Computing {
  readonly batchSize: number | undefined;
  readonly isCpu: boolean;
}

/** What is known of a program and a model: by the record of the build, and by what setup measured. */
export async function computingOf(
  program: string,
  model: { readonly path: string; readonly bytes: number },
  { cache, hasRpc = false }: { readonly cache: string; readonly hasRpc?: boolean },
): Promise<Computing> {
  const backend = (await readBuildRecord(program))?.backend;
  const measured = await readVerified(cache, program, model.path);
  return {
    batchSize: chooseBatchSize({ backend, measured, modelBytes: model.bytes, hasRpc }),
    isCpu: !hasRpc && computesOnCpu(backend, measured),
  };
}
