import { AIMessage } from "@langchain/core/messages";
import { describe, expect, it } from "@jest/globals";
import { FigureSum } from "../../src/chat/answer.ts";

const message = (input: number, output: number, timings: object | undefined) =>
  new AIMessage({
    content: "",
    usage_metadata: { input_tokens: input, output_tokens: output, total_tokens: input + output },
    response_metadata: {
      finish_reason: "stop",
      tokens: { reasoning: output - 4, text: 3, isExact: true },
      ...(timings && { timings }),
    },
  });
const measured = {
  timeToFirstToken: 50,
  duration: 1_000,
  promptTokensPerSecond: 1_000,
  answerTokensPerSecond: 10,
  promptTokensRead: 100,
  promptTokensCached: 20,
};

describe("FigureSum", () => {
  it("gives the figures of one message as the server measured them", () => {
    const sum = new FigureSum();
    sum.add(message(120, 10, measured));
    expect(sum.figures).toEqual({
      modelCalls: 1,
      timeToFirstToken: 50,
      duration: 1_000,
      promptTokens: 120,
      promptTokensCached: 20,
      promptSpeed: 1_000,
      answerTokens: 10,
      thinkingTokens: 6,
      textTokens: 3,
      isEstimate: false,
      answerSpeed: 10,
      contextTokens: 130,
    });
  });

  it("adds up a turn: tokens as a sum, speeds over all tokens, the time with what lay between, the first token of the first", () => {
    let now = 5_000;
    const sum = new FigureSum(() => now);
    sum.add(message(120, 10, measured));
    now = 9_000;
    const second = { ...measured, timeToFirstToken: 7, promptTokensRead: 300, promptTokensPerSecond: 3_000 };
    sum.add(message(400, 30, { ...second, promptTokensCached: 100, answerTokensPerSecond: 30 }));
    expect(sum.figures).toEqual({
      modelCalls: 2,
      timeToFirstToken: 50,
      duration: 5_000,
      promptTokens: 520,
      promptTokensCached: 120,
      promptSpeed: 2_000,
      answerTokens: 40,
      thinkingTokens: 32,
      textTokens: 6,
      isEstimate: false,
      answerSpeed: 20,
      contextTokens: 430,
    });
  });

  it("leaves out what a server does not say", () => {
    const sum = new FigureSum();
    sum.add(new AIMessage({ content: "", response_metadata: { finish_reason: "stop" } }));
    expect(sum.figures).toMatchObject({ modelCalls: 1, promptTokens: undefined, answerSpeed: undefined });
  });
});
