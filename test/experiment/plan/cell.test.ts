import { describe, expect, it } from "@jest/globals";
import { type KeyParts, keyOf } from "../../../src/experiment/plan/cell.ts";

const parts: KeyParts = {
  rendered: "<|start|>user<|message|>Hi<|end|>",
  draw: { temperature: 0, topP: 1, topK: 0, minP: 0, maxTokens: 10, seed: 1 },
  modelHash: "m",
  build: "b",
  mode: "fast",
};

describe("a cell's key", () => {
  it("changes with everything that can change the answer, and with nothing else", () => {
    const changed: readonly KeyParts[] = [
      { ...parts, rendered: `${parts.rendered} ` },
      { ...parts, modelHash: "n" },
      { ...parts, build: "c" },
      { ...parts, mode: "exact" },
      { ...parts, constraint: "root ::= [a-z]" },
      ...Object.entries(parts.draw).map(([name, value]) =>
        Object.assign({}, parts, { draw: { ...parts.draw, [name]: value + 0.5 } }),
      ),
    ];
    const keys = [parts, ...changed].map(keyOf);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keyOf({ ...parts, draw: { ...parts.draw } })).toBe(keyOf(parts));
    expect(keyOf(parts)).toMatch(/^[0-9a-f]{64}$/);
  });
});
