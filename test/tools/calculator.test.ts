import { describe, expect, it } from "@jest/globals";
import { calculate } from "../../src/tools/calculator.ts";

describe("calculate", () => {
  it.each([
    ["12 + 30", 42],
    ["2 + 3 * 4", 14],
    ["-2 ^ 2", 4],
    ["2 ** 10", 1024],
    ["0.1 + 0.2", 0.3],
    ["１２ × （３＋４） ÷ 2", 42],
    ["sqrt(2) * π", 4.44288293815837],
    ["mod(17, 5)", 2],
    ["ln(e)", 1],
    ["max(1, 2, 3) − 1", 2],
    ["1e3", 1000],
  ])("%s is %d", (expression, value) => {
    expect(calculate(expression)).toBe(value);
  });

  it.each([
    "",
    "12 +",
    "1 / 0",
    "constructor",
    "constructor(1)",
    "[constructor]",
    "[__proto__]",
    "[mod.constructor]",
    "evaluate(1)",
    "setFormula(1)",
    '"text"',
    "x",
    "process.exit()",
    "this",
    "9".repeat(501),
  ])("refuses %s", (expression) => {
    expect(() => calculate(expression)).toThrow(expect.objectContaining({ name: "ToolFailure" }));
  });

  it("survives the deepest nesting that it takes", () => {
    expect(calculate(`${"(".repeat(249)}1${")".repeat(249)}`)).toBe(1);
  });
});
