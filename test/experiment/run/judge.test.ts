import { describe, expect, it } from "@jest/globals";
import { readVerdict } from "../../../src/experiment/run/judge.ts";
import { parsePrompt } from "../../../src/prompts/prompts.ts";
import { answerOf } from "../support/make-results.ts";

const prompt = parsePrompt("---\nname: judge\nvariables: [answer]\n---\n\n{{answer}}\n", "judge.md");
const bound = { prompt, maxTokens: 100, patterns: undefined };
const worded = { ...bound, patterns: { pass: /good/iu, fail: /bad/iu } };
const passOf = (final: string, plan: Parameters<typeof readVerdict>[1] = bound) =>
  readVerdict(answerOf({ final }), plan).pass;

describe("a judge's verdict", () => {
  it("is what its JSON says, with its reason", () => {
    expect(readVerdict(answerOf({ final: '{"why":"It is short.","pass":true}' }), bound)).toMatchObject({
      pass: true,
      score: 1,
      why: 'the judge: "It is short."',
    });
    expect(passOf('{"pass": false, "why": "yes, it is too long"}')).toBe(false);
  });

  it("is points of a rubric, of which enough have to be given", () => {
    const rubric = { ...bound, rubric: { points: 5, atLeast: 0.6 } };
    const verdict = (final: string) => readVerdict(answerOf({ final }), rubric);
    expect(verdict('{"why":"Good.","points":4}')).toMatchObject({ pass: true, score: 0.8 });
    expect(verdict('{"why":"Poor.","points":2}')).toMatchObject({ pass: false, score: 0.4 });
    expect(verdict("3/5 points")).toMatchObject({ pass: true, score: 0.6 });
    expect(["good", '{"why":"x","points":9}', "-1"].map((text) => verdict(text).pass)).toEqual([null, null, null]);
  });

  it("is read from words where the server knows no schema", () => {
    expect(["Yes, it does.", "**Pass**", "合格です", "true"].map((text) => passOf(text))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(["no", "Failed.", "いいえ", "不合格", "false"].map((text) => passOf(text))).toEqual(Array(5).fill(false));
    expect(["Nothing is wrong.", "Passable?"].map((text) => passOf(text))).toEqual([null, null]);
  });

  it("is none where the judge says neither, or was cut", () => {
    expect(passOf("It depends.")).toBeNull();
    expect(passOf('{"pass": "maybe", "why": ""}')).toBeNull();
    expect(passOf('{"pass": true, "wh')).toBeNull();
    const truncated = answerOf({ final: '{"why":"The ans', finishReason: "length" });
    expect(readVerdict(truncated, bound)).toMatchObject({
      pass: null,
      why: expect.stringContaining("cut off at max_tokens"),
    });
  });

  it("is read by the patterns alone where there are any", () => {
    expect([passOf("good", worded), passOf("bad", worded), passOf('{"why":"","pass":true}', worded)]).toEqual([
      true,
      false,
      null,
    ]);
  });
});
