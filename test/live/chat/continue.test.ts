import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createConversationMessages } from "../../../chains/index.ts";
import { resumeOptionsOf } from "../../../src/chat/resume.ts";
import { type StreamedAnswer, streamAnswer } from "../../../src/chat/stream-answer.ts";
import { ChatGptOss } from "../../../src/model/chat-gpt-oss.ts";
import { parsePrompt } from "../../../src/prompts/prompts.ts";
import { detectCapabilities } from "../../../src/inference/capabilities.ts";
import { type LiveServer, startLiveServer } from "../support/live-server.ts";

let server: LiveServer;
let model: ChatGptOss;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gpt-oss-continue-"));
  server = await startLiveServer();
  const connection = { baseUrl: `${server.baseUrl}/v1`, apiKey: server.apiKey };
  model = new ChatGptOss({
    ...connection,
    model: "demo",
    server: await detectCapabilities(connection),
    sampling: { temperature: 0, topP: 1, topK: 0, minP: 0 },
    currentDate: "2026-11-26",
  });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

const QUESTION = "Count to 20.";
const PROMPT = parsePrompt("---\nname: bare\nvariables: [input]\n---\n{{input}}", "bare.md");

/** Answers, and is interrupted after so many pieces. */
async function answerUpTo(pieces: number, before?: StreamedAnswer): Promise<StreamedAnswer> {
  const stop = new AbortController();
  const continuation = before && resumeOptionsOf(before);
  let left = pieces;
  return await streamAnswer({
    question: QUESTION,
    signal: stop.signal,
    begun: continuation?.begun,
    onPart: () => {
      if (--left === 0) stop.abort();
    },
    open: () =>
      createConversationMessages({
        model,
        prompt: PROMPT,
        resume: continuation && { calls: [], from: continuation.from, lead: continuation.lead },
      }).stream(QUESTION, { signal: stop.signal }),
  });
}

describe("an answer that was interrupted and resumed", () => {
  it("is the same as one that was not, wherever it was cut: in the thinking as well as in the text", async () => {
    const whole = await answerUpTo(Number.POSITIVE_INFINITY);
    expect(whole.text).toMatch(/^1 2 3 4 /);
    for (const pieces of [1, 2, 4, 8, 14, 20, 25]) {
      const cut = await answerUpTo(pieces);
      expect(cut.outcome).toBe("interrupted");
      const { text, thinking } = await answerUpTo(Number.POSITIVE_INFINITY, cut);
      expect({ pieces, text, thinking }).toEqual({ pieces, text: whole.text, thinking: whole.thinking });
    }
  });
});
