import { readFileSync } from "node:fs";
import { freemem } from "node:os";
import { describe, expect, it } from "@jest/globals";
import { ggufFactsOf } from "../../src/gguf/gguf-facts.ts";
import { predictMemory } from "../../src/llama-server/memory-estimate.ts";
import { startLiveServer } from "../live/support/live-server.ts";
import { standInFile } from "./stand-in-file.ts";
import { FULL_SIZE } from "./stand-in.ts";

/** Bytes of a process that are not pages of a file. */
function privateBytes(pid: number): number {
  return Number(/RssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1_024;
}

describe("the predicted memory of gpt-oss-20b on a CPU", () => {
  it.each([
    [8_192, 1],
    [8_192, 4],
    [32_768, 1],
  ])("is within 10 %% of what llama-server takes for %i tokens in %i slots", async (contextPerSlot, slots) => {
    const model = standInFile(FULL_SIZE);
    const predicted = predictMemory({ facts: ggufFactsOf(model), contextPerSlot, slots, isCpu: true }).private;
    if (freemem() < predicted + 1e9) throw new Error(`${predicted} bytes are needed, but only ${freemem()} are free.`);
    const server = await startLiveServer({ model, contextSize: contextPerSlot * slots, slots });
    try {
      // buffers take memory when they are used
      await server.post("/completion", { prompt: "Hello", n_predict: 2 });
      expect(Math.abs(privateBytes(server.pid) / predicted - 1)).toBeLessThan(0.1);
    } finally {
      await server.stop();
    }
  });
});
