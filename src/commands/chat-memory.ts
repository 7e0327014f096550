import { failed } from "../failures/failure.ts";
import { STRATEGIES, type Strategy } from "../memory/memory-options.ts";

export interface MemoryFlags {
  readonly memory?: string;
  readonly cutLong?: boolean;
}

/** @throws GptOssError `usage` that names the strategies */
export function strategyOf({ memory }: MemoryFlags): Strategy {
  const strategy = STRATEGIES.find((name) => name === (memory ?? "summary"));
  if (strategy !== undefined) return strategy;
  throw failed("badMemoryStrategy", [JSON.stringify(memory), STRATEGIES.join(", ")]);
}
