import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { z } from "zod";
import { TOKENS } from "../../../src/harmony/format.ts";
import { type LiveGateway, type Path, PATHS, requestBody, startLiveGateway } from "./support/live-gateway.ts";

/** 500 in `npm run test:soak`. */
const REQUESTS = Number(process.env["GPT_OSS_DISTURBED_REQUESTS"] ?? 90);
const CONCURRENT = 2;
const QUESTIONS = ["What is the weather in Paris?", "Hello", "Count to 10.", "日本の首都はどこですか？"];
const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };

let live: LiveGateway;
/** The ids of the control tokens. */
let control: readonly number[];
beforeAll(async () => {
  live = await startLiveGateway({ contextSize: 8_192, slots: CONCURRENT });
  const ids = Object.values(TOKENS).map(async (content) => {
    const reply = await live.server.post("/tokenize", { content, parse_special: true });
    return z.object({ tokens: z.array(z.number()) }).parse(reply).tokens;
  });
  control = (await Promise.all(ids)).flat();
});
afterAll(() => live.stop());

/** Only Chat Completions lets a client choose the bias of tokens, and Messages has no temperature above 1. */
function bodyOf(number: number, path: Path): object {
  const messages = [{ role: "user", content: QUESTIONS[number % QUESTIONS.length] }];
  const tool = number % 5 === 0 ? undefined : { name: "get_weather", schema };
  const biased = control.filter((_, index) => (number >> index) % 2 === 1).map((id) => [id, 6]);
  return {
    ...requestBody(path, { messages, tool, maxTokens: 120 }),
    ...(path === "/v1/chat/completions" && { seed: number, logit_bias: Object.fromEntries(biased) }),
    temperature: path === "/v1/messages" ? 1 : 2,
    stream: number % 2 === 0,
  };
}

it(
  `answers ${REQUESTS} requests with disturbed sampling, none of which fails or shows a control token`,
  async () => {
    const faults: string[] = [];
    let calls = 0;
    const numbers = Array.from({ length: REQUESTS }, (_, index) => index + 1);
    const worker = async () => {
      for (let number = numbers.shift(); number !== undefined; number = numbers.shift()) {
        const path = PATHS[number % PATHS.length] ?? PATHS[0];
        const body = JSON.stringify(bodyOf(number, path));
        const response = await fetch(live.gateway.url + path, { method: "POST", body });
        const text = await response.text();
        const fault = (what: string) => faults.push(`${number} ${path}: ${what}: ${text.slice(0, 400)}`);
        if (response.status !== 200) fault(`HTTP ${response.status}`);
        else if (/"error":\s*\{|response\.failed/.test(text)) fault("an error in the stream");
        if (/<\|(?:start|end|message|channel|call|return|constrain)\|>/.test(text)) fault("a control token");
        calls += text.includes('"get_weather"') ? 1 : 0;
      }
    };
    await Promise.all(Array.from({ length: CONCURRENT }, worker));
    expect(faults).toEqual([]);
    expect(calls).toBeGreaterThan(0);
  },
  REQUESTS * 10_000,
);
