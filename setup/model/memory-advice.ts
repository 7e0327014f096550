import { type Phrase, reason } from "../../src/failures/failure.ts";
import { formatBytes } from "../format.ts";
import type { Platform } from "../platform.ts";
import { type ModelEntry, modelBytes } from "./catalogue.ts";

/** A Mac lets its GPU use about two thirds of memory; the rest needs a setting. */
const METAL_SHARE = 0.67;

/** What to know before fetching a model that is large for this machine; nothing when it fits well. */
export function memoryAdvice(model: ModelEntry, { system, backend, totalMemory }: Platform): readonly Phrase[] {
  if (totalMemory === undefined) return [];
  const bytes = modelBytes(model);
  const advice: Phrase[] = [];
  if (totalMemory < bytes) {
    advice.push(reason("largerThanMemory", model.name, formatBytes(bytes), formatBytes(totalMemory)));
  } else if (totalMemory < model.wantedMemory) {
    advice.push(reason("wantsMemory", model.name, formatBytes(model.wantedMemory), formatBytes(totalMemory)));
  }
  if (system === "darwin" && backend === "metal" && totalMemory >= bytes && totalMemory * METAL_SHARE < bytes + 2.7e9) {
    advice.push(...smallMacAdvice(bytes));
  }
  return advice;
}

/** The three ways to run a model that is larger than what macOS gives to the GPU (facts: mlx-lm#644). */
function smallMacAdvice(bytes: number): Phrase[] {
  const mebibytes = Math.ceil((bytes + 2.7e9) / 2 ** 20 / 256) * 256;
  return [
    reason("raiseGpuLimit", `sudo sysctl iogpu.wired_limit_mb=${mebibytes}`),
    reason("leavePartOnCpu", "llama-server --n-cpu-moe 12 --no-mmap --ctx-size 32768 --parallel 1 --cache-ram 256"),
    reason("keepContextSmall"),
  ];
}
