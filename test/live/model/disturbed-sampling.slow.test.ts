import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import { z } from "zod";
import { TOKENS } from "../../../src/harmony/format.ts";
import { biasBesideGrammar, constraintOf, shapeOf } from "../../../src/inference/constraint.ts";
import type { InferenceRequest } from "../../../src/inference/inference-request.ts";
import { packageFile } from "../../../src/platform/folders.ts";
import { loadOfficialCore, type OfficialCore, type OfficialMessage } from "../../harmony/support/official.ts";
import { OWN_SERVER } from "../../support/chat-model.ts";
import { type LiveServer, startLiveServer } from "../support/live-server.ts";

/** 1,000 in `npm run test:soak`. */
const COMPLETIONS = Number(process.env["GPT_OSS_DISTURBED_COMPLETIONS"] ?? 120);
/** The path of a model with the real vocabulary of 201,088 tokens, which no package has; its completions take minutes. */
const FULL_VOCABULARY = process.env["GPT_OSS_FULL_VOCABULARY_MODEL"];
const MODELS = [
  { name: "the demo model", path: packageFile("setup/demo-model/demo.gguf"), maxTokens: 250 },
  ...(FULL_VOCABULARY === undefined
    ? []
    : [{ name: "the model that GPT_OSS_FULL_VOCABULARY_MODEL names", path: FULL_VOCABULARY, maxTokens: 60 }]),
];
const CONCURRENT = 2;

const TOOLS = [
  {
    name: "get_weather",
    description: "Get the current weather in a city.",
    parameters: {
      type: "object",
      properties: { city: { type: "string" }, days: { type: "integer", minimum: 1, maximum: 14 } },
      required: ["city"],
      additionalProperties: false,
    },
  },
  {
    name: "get_weather_alerts",
    description: "Warnings for a region.",
    parameters: {
      type: "object",
      properties: {
        region: { enum: ["north", "south", "<|end|>"] },
        since: { type: "string", format: "date" },
        levels: { type: "array", items: { type: "integer" }, maxItems: 3 },
      },
      required: ["region", "since"],
      additionalProperties: false,
    },
  },
  {
    name: "search-notes",
    description: "Search the notes.",
    parameters: {
      type: "object",
      properties: {
        query: { anyOf: [{ type: "string", minLength: 1, maxLength: 20 }, { type: "null" }] },
        filter: { type: "object", properties: { tag: { type: "string", pattern: "^[a-z]{1,8}$" } } },
      },
      required: ["query"],
      additionalProperties: false,
    },
  },
  {
    name: "now",
    description: "The time.",
    parameters: { type: "object", properties: {}, additionalProperties: false },
  },
];
const RESPONSE = {
  type: "object",
  properties: { name: { type: "string", maxLength: 20 }, age: { type: "integer", minimum: 0, maximum: 150 } },
  required: ["name", "age"],
  additionalProperties: false,
};
const responseFormat = { type: "json_schema", name: "person", schema: RESPONSE } as const;

/** Each kind of constraint; requests whose tools may be called are half of all. */
const SHAPES: readonly Pick<InferenceRequest, "tools" | "toolChoice" | "responseFormat" | "parallelToolCalls">[] = [
  { tools: TOOLS },
  { tools: TOOLS, toolChoice: "required" },
  { tools: TOOLS, parallelToolCalls: false },
  { responseFormat },
  { tools: TOOLS },
  { tools: TOOLS, toolChoice: { name: "search-notes" }, parallelToolCalls: false },
  { tools: TOOLS, toolChoice: "none" },
  { tools: TOOLS, responseFormat },
];
const QUESTIONS = ["What is the weather in Paris?", "Hello", "Extract JSON: Alice is 30 years old.", "Count to 10."];
/** What a model that has lost its way writes in headers. */
const WORDS = [" to", "=", "functions", "browser.search", "python", "??", "assistant", "final", "json", '"', "{", "<|"];

const replySchema = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string() }), finish_reason: z.string() })).length(1),
});
const tokensSchema = z.object({ tokens: z.array(z.number()) });

interface Counts {
  completions: number;
  /** Cut at max_tokens. */
  cut: number;
  tokensBiased: number;
  calls: number;
  answers: number;
  readonly faults: { readonly seed: number; readonly what: string; readonly text: string }[];
}

/** Numbers from 0 to 1 that a seed fixes (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe.each(MODELS)("disturbed sampling of $name", ({ name, path, maxTokens }) => {
  let official: OfficialCore;
  let server: LiveServer;
  beforeAll(async () => {
    official = await loadOfficialCore();
    server = await startLiveServer({ model: path, slots: CONCURRENT, contextSize: 8_192 });
  });
  afterAll(() => server.stop());

  it(
    `writes ${COMPLETIONS} completions that the official parser reads, with calls that fit their schemas`,
    async () => {
      const counts: Counts = { completions: 0, cut: 0, tokensBiased: 0, calls: 0, answers: 0, faults: [] };
      const tokens = await disturbingTokens(server);
      const seeds = Array.from({ length: COMPLETIONS }, (_, number) => number + 1);
      const worker = async () => {
        for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
          await checkCompletion({ seed, tokens, maxTokens, server, official, counts });
        }
      };
      await Promise.all(Array.from({ length: CONCURRENT }, worker));
      const report = packageFile(`dist/disturbed-sampling/${name.replaceAll(" ", "-")}.json`);
      await mkdir(dirname(report), { recursive: true });
      await writeFile(report, `${JSON.stringify(counts, undefined, 2)}\n`);
      expect(counts.faults).toEqual([]);
      expect(counts).toMatchObject({ completions: COMPLETIONS });
      expect(counts.calls).toBeGreaterThan(COMPLETIONS / 20);
      expect(counts.answers).toBeGreaterThan(0);
    },
    COMPLETIONS * 60_000,
  );
});

async function disturbingTokens(server: LiveServer): Promise<readonly number[]> {
  const lists = [...Object.values(TOKENS), ...WORDS].map(async (content) => {
    const reply = await server.post("/tokenize", { content, parse_special: true });
    return tokensSchema.parse(reply).tokens;
  });
  return [...new Set((await Promise.all(lists)).flat())];
}

interface CheckOptions {
  readonly seed: number;
  readonly tokens: readonly number[];
  readonly maxTokens: number;
  readonly server: LiveServer;
  readonly official: OfficialCore;
  readonly counts: Counts;
}

async function checkCompletion({ seed, tokens, maxTokens, server, official, counts }: CheckOptions): Promise<void> {
  const random = randomOf(seed);
  const request = SHAPES[seed % SHAPES.length] ?? {};
  const disturbed = tokens.filter(() => random() < 0.3);
  counts.tokensBiased += disturbed.length;
  // some must never come, most come far too often
  const bias = disturbed.map((token) => [token, random() < 0.2 ? false : 3 + random() * 7]);
  const body = {
    messages: [{ role: "user", content: QUESTIONS[Math.floor(random() * QUESTIONS.length)] }],
    ...constraintOf(shapeOf(request), OWN_SERVER),
    logit_bias: biasBesideGrammar(bias),
    temperature: 2,
    top_p: 1,
    top_k: 0,
    min_p: 0,
    seed,
    max_tokens: maxTokens,
    // the same prompt without its thinking is read again in a moment
    reasoning_effort: "low",
  };
  let text = "";
  const fault = (what: string) => void counts.faults.push({ seed, what, text });
  try {
    const { choices } = replySchema.parse(await server.post("/v1/chat/completions", body));
    const [choice] = choices;
    text = choice?.message.content ?? "";
    counts.completions++;
    if (choice?.finish_reason === "length") {
      counts.cut++;
      readCut(text, official);
      return;
    }
    const messages = official.parse(official.encode(text));
    const wrong = messages
      .slice(0, -1)
      .find(({ channel, recipient }) => channel === "final" && recipient === undefined);
    if (wrong !== undefined) fault("an answer that is not the last message");
    for (const message of messages) checkMessage(message, request, counts, fault);
    const last = messages.at(-1);
    if (last?.channel !== "final" && !last?.recipient?.startsWith("functions.")) fault("neither answer nor call");
  } catch (error) {
    fault(String(error));
  }
}

/** What is there must be the beginning of something; only its end may be missing. */
function readCut(text: string, official: OfficialCore): void {
  const stream = official.stream();
  try {
    // llama-server strips what the text begins with
    for (const token of official.encode(text.replace(/^to=/, " to="))) stream.process(token);
  } finally {
    stream.free();
  }
}

const ajv = new Ajv2020({ strict: false, validateFormats: false });

function checkMessage(
  { channel, recipient, content }: OfficialMessage,
  { tools = [], toolChoice, responseFormat: format }: (typeof SHAPES)[number],
  counts: Counts,
  fault: (what: string) => void,
): void {
  const body = typeof content === "string" ? content : content.map(({ text }) => text).join("");
  if (recipient?.startsWith("functions.")) {
    counts.calls++;
    const tool = tools.find(({ name }) => `functions.${name}` === recipient);
    if (tool === undefined) fault(`a call of ${recipient}`);
    else if (toolChoice === "none") fault("a call where none was allowed");
    else if (!ajv.validate(tool.parameters ?? true, JSON.parse(body))) fault(`${recipient}: ${ajv.errorsText()}`);
  } else if (channel === "final") {
    counts.answers++;
    if (toolChoice === "required" || typeof toolChoice === "object") fault("an answer where a call was forced");
    if (format !== undefined && !ajv.validate(RESPONSE, JSON.parse(body))) fault(`the answer: ${ajv.errorsText()}`);
  } else if (recipient !== undefined) {
    fault(`a message to ${recipient}`);
  }
}
