import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { createTools } from "../../src/index.ts";
import { calculate } from "../../src/tools/calculator.ts";
import { callTool } from "./support/call-tool.ts";

describe("calculate", () => {
  it.each([
    ["12 + 30", "42"],
    ["2 + 3 * 4", "14"],
    ["2 ** 10", "1024"],
    ["0.1 + 0.2", "0.3"],
    ["１２ × （３＋４） ÷ 2", "42"],
    ["max(1, 2, 3) − 1", "2"],
    ["1e3", "1000"],
    ["10 / 4", "2.5"],
    [".5 + 1.", "1.5"],
    ["5²", "25"],
    ["2^10 - 2¹⁰", "0"],
    ["1.10", "1.1"],
    ["100", "100"],
    ["0.0", "0"],
    ["0!", "1"],
    ["20!", "2432902008176640000"],
    ["sqrt(16)", "4"],
    ["4 ^ 0.5", "2"],
    ["sqrt(0.25)", "0.5"],
    ["log10(1000)", "3"],
    ["log2(2^100)", "100"],
    ["cos(0)", "1"],
    ["round(2.5)", "3"],
    ["round(-2.5)", "-2"],
    ["round(pi, 2)", "3.14"],
    ["floor(-0.5)", "-1"],
    ["ceil(-0.5)", "0"],
    ["trunc(-1.5)", "-1"],
    ["abs(-7)", "7"],
    ["gcd(12, 18) + lcm(4, 6)", "18"],
    ["hypot(3, 4)", "5"],
    ["1e-60", "1e-60"],
  ])("%s is exactly %s", (expression, value) => {
    expect(calculate(expression)).toBe(value);
  });

  it.each([
    ["2^53-1", "9007199254740991"],
    ["2^53+1", "9007199254740993"],
    ["1234567890123456+1", "1234567890123457"],
    ["33333333*99999999", "3333333266666667"],
    ["99999999999999999999 - 1", "99999999999999999998"],
    ["12345678901234567890 / 10", "1234567890123456789"],
    ["0.1 * 3", "0.3"],
    ["4.35 * 100", "435"],
    ["1.005 * 1000", "1005"],
    ["10^20 + 0.1", "100000000000000000000.1"],
    ["1/3 * 3", "1"],
    ["7^77 % 10", "7"],
  ])("keeps every digit: %s", (expression, value) => {
    expect(calculate(expression)).toBe(value);
  });

  it.each([
    ["-2^2", "-4"],
    ["-2 ^ 2", "-4"],
    ["(-2)^2", "4"],
    ["2^-1", "0.5"],
    ["2^3^2", "512"],
    ["-2^-2", "-0.25"],
    ["2 - -3", "5"],
    ["--3", "3"],
    ["2 * -3", "-6"],
    ["-3!", "-6"],
    ["7 // 2", "3"],
    ["-7 // 2", "-4"],
    ["7 % 3", "1"],
    ["-7 % 3", "2"],
    ["7 % (-3)", "-2"],
    ["mod(17, 5)", "2"],
    ["6 / 2 * 3", "9"],
    ["1 - 2 - 3", "-4"],
    ["5.5 // 2", "2"],
    ["5.5 % 2", "1.5"],
  ])("reads operators as Python does: %s", (expression, value) => {
    expect(calculate(expression)).toBe(value);
  });

  it.each([
    ["1/3", "0.333333333333333 (rounded; exactly 1/3)"],
    ["-2/3", "-0.666666666666667 (rounded; exactly -2/3)"],
    ["12345678901234567890/7", "1763668414462081127.142857142857143 (rounded; exactly 12345678901234567890/7)"],
    ["sqrt(2)", "1.4142135623731 (rounded)"],
    ["sqrt(2) * π", "4.44288293815837 (rounded)"],
    ["ln(e)", "1 (rounded)"],
    ["1e-20/3", "3.33333333333333e-21 (rounded; exactly 1/300000000000000000000)"],
  ])("says that it has rounded: %s", (expression, value) => {
    expect(calculate(expression)).toBe(value);
  });

  it.each([
    "",
    "12 +",
    "1 / 0",
    "1 // 0",
    "1 % 0",
    "0 ^ -1",
    "sqrt(-1)",
    "log10(0)",
    "ln(-1)",
    "(-1) ^ 0.3",
    "1.5!",
    "(-1)!",
    "exp(1000)",
    "constructor",
    "constructor(1)",
    "[constructor]",
    "[__proto__]",
    "[mod.constructor]",
    "__proto__",
    "toString()",
    "evaluate(1)",
    "setFormula(1)",
    '"text"',
    "x",
    "process.exit()",
    "this",
    "1,000 + 1",
    "1 2",
    "2(3)",
    "1.2.3",
    "0x10",
    "½",
    "15%",
    "15% + 3",
    "mod(1)",
    "sqrt(1, 2)",
    "9".repeat(501),
  ])("refuses %s", (expression) => {
    expect(() => calculate(expression)).toThrow(expect.objectContaining({ name: "ToolError" }));
  });

  it.each(["9^9^9^9", "1e999999999", "1e-999999999", "99999!", "800!!", "(10^1000)^1000", `2${"^2".repeat(200)}`])(
    "refuses a result of too many digits: %s",
    (expression) => {
      expect(() => calculate(expression)).toThrow(/digits/);
    },
  );

  it("calculates the longest expressions that it accepts", () => {
    const longest = `${"(1/7^800)+".repeat(49)}1`;
    expect(calculate(longest)).toContain("rounded");
    expect(calculate("300!")).toHaveLength(615);
  });

  it("survives the deepest nesting that it takes", () => {
    expect(calculate(`${"(".repeat(249)}1${")".repeat(249)}`)).toBe("1");
    expect(calculate(`${"-".repeat(499)}1`)).toBe("-1");
  });

  it("computes with integers of any size as BigInt does", () => {
    const integer = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n });
    fc.assert(
      fc.property(integer, integer, (one, other) => {
        expect(calculate(`(${one}) + (${other})`)).toBe(String(one + other));
        expect(calculate(`(${one}) - (${other})`)).toBe(String(one - other));
        expect(calculate(`(${one}) * (${other})`)).toBe(String(one * other));
        // a = b (a // b) + a % b
        const divisor = other === 0n ? 7n : other;
        expect(calculate(`(${divisor}) * ((${one}) // (${divisor})) + (${one}) % (${divisor})`)).toBe(String(one));
      }),
    );
  });

  it("gives a decimal back as it was written", () => {
    const digits = fc.stringMatching(/^[1-9]\d{0,20}\.\d{0,20}[1-9]$/);
    fc.assert(
      fc.property(digits, (text) => {
        expect(calculate(`${text} + 0`)).toBe(text);
      }),
    );
  });

  it("never marks as exact what a double has rounded", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 1, max: 1e6 }), (one, other) => {
        const result = calculate(`${one} / ${other}`);
        expect(result.includes("rounded") || calculate(`${result} * ${other}`) === String(one)).toBe(true);
      }),
    );
  });
});

describe("the calculator", () => {
  it("tells the model the exact value", async () => {
    const { tools } = await createTools("calculator");
    expect(await callTool(tools, "calculator", { expression: "2^53-1" })).toBe("9007199254740991");
    expect(await callTool(tools, "calculator", { expression: "1/3" })).toContain("rounded");
  });
});
