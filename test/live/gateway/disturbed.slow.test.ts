import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { z } from "zod";
import { TOKENS } from "../../../src/harmony/format.ts";
import { type RunningGateway, startGateway } from "../../../src/gateway/index.ts";
import { KnownServer } from "../../../src/inference/capabilities.ts";
import { InferenceClient } from "../../../src/inference/client.ts";
import { type LiveServer, startLiveServer } from "../support/live-server.ts";

/** 500 in `npm run test:soak`. */
const REQUESTS = Number(process.env["GPT_OSS_DISTURBED_REQUESTS"] ?? 90);
const CONTEXT = 8_192;
const CONCURRENT = 2;
const PATHS = ["chat/completions", "responses", "messages"] as const;
const QUESTIONS = ["What is the weather in Paris?", "Hello", "Count to 10.", "日本の首都はどこですか？"];
const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };

let server: LiveServer;
let gateway: RunningGateway;
let control: readonly number[];
beforeAll(async () => {
  server = await startLiveServer({ contextSize: CONTEXT, slots: CONCURRENT });
  const knownServer = new KnownServer({ mode: "raw", isLlamaServer: true, hasOwnTemplate: true, contextSize: CONTEXT });
  const { apiKey, baseUrl } = server;
  const source = new InferenceClient({ baseUrl: `${baseUrl}/v1`, apiKey, knownServer });
  gateway = await startGateway({ source, model: { name: "demo" } });
  const ids = Object.values(TOKENS).map(async (content) => {
    const reply = await server.post("/tokenize", { content, parse_special: true });
    return z.object({ tokens: z.array(z.number()) }).parse(reply).tokens;
  });
  control = (await Promise.all(ids)).flat();
});
afterAll(async () => {
  await gateway.close();
  await server.stop();
});

/** Only Chat Completions lets a client choose the bias of tokens; temperature 2 disturbs the others. */
function bodyOf(number: number): { readonly path: (typeof PATHS)[number]; readonly body: object } {
  const path = PATHS[number % PATHS.length] ?? PATHS[0];
  const question = [{ role: "user", content: QUESTIONS[number % QUESTIONS.length] }];
  const rest = { temperature: path === "messages" ? 1 : 2, stream: number % 2 === 0 };
  const hasTools = number % 5 !== 0;
  if (path === "messages")
    return {
      path,
      body: {
        ...rest,
        messages: question,
        max_tokens: 120,
        ...(hasTools && { tools: [{ name: "get_weather", input_schema: schema }] }),
      },
    };
  if (path === "responses")
    return {
      path,
      body: {
        ...rest,
        input: question,
        max_output_tokens: 120,
        ...(hasTools && { tools: [{ type: "function", name: "get_weather", parameters: schema }] }),
      },
    };
  const bias = Object.fromEntries(control.filter((_, index) => (number >> index) % 2 === 1).map((id) => [id, 6]));
  return {
    path,
    body: {
      ...rest,
      messages: question,
      max_tokens: 120,
      seed: number,
      logit_bias: bias,
      ...(hasTools && { tools: [{ type: "function", function: { name: "get_weather", parameters: schema } }] }),
    },
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
        const { path, body } = bodyOf(number);
        const response = await fetch(`${gateway.url}/v1/${path}`, { method: "POST", body: JSON.stringify(body) });
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
