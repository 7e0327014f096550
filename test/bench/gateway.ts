import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { packageFile } from "../../src/platform/folders.ts";
import { startLiveServer } from "../live/support/live-server.ts";
import { bundleProgram } from "../support/bundle-program.ts";
import { type Comparison, compareRounds } from "./comparison.ts";
import { median } from "./measure.ts";

const ROUNDS = 41;
const MAX_TOKENS = 1_000;
/** The demo model's `<|return|>`, without which its answer does not end before it has all its tokens. */
const RETURN = 1_026;
const QUESTION = [{ role: "user", content: "Count to 100." }];
const TOOL = {
  name: "get_weather",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};

export interface GatewayRow {
  readonly what: string;
  /** Milliseconds from the request to the first text of the thinking, the median of the rounds. */
  readonly "first ms": number;
  /** Milliseconds beyond llama-server's in the same round, the median. */
  readonly "later by": number;
  /** Tokens a second from the first text to the end, the median. */
  readonly "tokens/s": number;
  /** Tokens a second beside llama-server in the same round: the median, the least and the most. */
  readonly ratio: number;
  readonly "ratio from": number;
  readonly "ratio to": number;
  readonly rounds: number;
}

interface Run {
  readonly first: number;
  readonly speed: number;
}

interface Way {
  readonly url: string;
  readonly key?: string;
  readonly path: string;
  readonly body: object;
  /** Finds the first text in the stream: the thinking. llama-server sends raw harmony, with control tokens before it. */
  readonly text: RegExp;
}

/** The same answer of the demo model, streamed by llama-server itself and through each API of the gateway. */
export async function benchGateway(): Promise<{
  rows: readonly GatewayRow[];
  comparisons: readonly Comparison[];
}> {
  const program = packageFile("dist/bench/gateway/process.mjs");
  await bundleProgram("test/bench/support/gateway-process.ts", program, { packages: "external" });
  const server = await startLiveServer();
  const gateway = spawn(process.execPath, [program, server.baseUrl, server.apiKey], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [url = ""] = await firstLine(gateway.stdout);
    const ways = waysToAsk({ raw: server.baseUrl, key: server.apiKey, url });
    const runs = new Map(Object.keys(ways).map((what): [string, Run[]] => [what, []]));
    for (let round = -2; round < ROUNDS; round++) {
      for (const [what, way] of Object.entries(ways)) {
        // all have the prompt of their own request in the cache
        await timed(way);
        const run = await timed(way);
        // the first rounds warm up
        if (round >= 0) runs.get(what)?.push(run);
      }
    }
    return report(runs);
  } finally {
    gateway.kill();
    await server.stop();
  }
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<readonly string[]> {
  for await (const line of createInterface({ input: stream })) return [line];
  throw new Error("The gateway did not start.");
}

function waysToAsk({ raw, key, url }: { raw: string; key: string; url: string }): Record<string, Way> {
  const sampling = { temperature: 0, stream: true, logit_bias: { [RETURN]: -100 } };
  const chat = { messages: QUESTION, max_tokens: MAX_TOKENS, stream_options: { include_usage: true }, ...sampling };
  const completions = "/v1/chat/completions";
  return {
    [PEER]: { url: raw, key, path: completions, body: chat, text: /"content":"[^<"]/ },
    "Chat Completions": { url, path: completions, body: chat, text: /"(?:content|reasoning\w*)":"[^"]/ },
    "Chat Completions, a tool": {
      url,
      path: completions,
      body: { ...chat, tools: [{ type: "function", function: TOOL }] },
      text: /"(?:content|reasoning\w*)":"[^"]/,
    },
    Responses: {
      url,
      path: "/v1/responses",
      body: { input: QUESTION, max_output_tokens: MAX_TOKENS, ...sampling },
      text: /"delta":"[^"]/,
    },
    Messages: { url, path: "/v1/messages", body: chat, text: /"(?:text|thinking)":"[^"]/ },
  };
}

const PEER = "llama-server";

async function timed({ url, key, path, body, text }: Way): Promise<Run> {
  const begin = performance.now();
  const response = await fetch(url + path, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json", ...(key !== undefined && { authorization: `Bearer ${key}` }) },
  });
  if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}: ${await response.text()}`);
  let first: number | undefined;
  let received = "";
  const decoder = new TextDecoder();
  for await (const bytes of response.body) {
    received += decoder.decode(bytes, { stream: true });
    if (first === undefined && text.test(received)) first = performance.now();
  }
  const end = performance.now();
  const tokens = Number(/.*"(?:completion|output)_tokens":(\d+)/s.exec(received)?.[1]);
  if (first === undefined || !(tokens > 0)) throw new Error(`${path} gave no answer.`);
  return { first: first - begin, speed: (tokens / (end - first)) * 1_000 };
}

function report(runs: ReadonlyMap<string, readonly Run[]>) {
  const peer = runs.get(PEER) ?? [];
  const comparisons: Comparison[] = [];
  const rows = [...runs].map(([what, own]): GatewayRow => {
    const speeds = compareRounds(
      `tokens/s through the gateway: ${what}`,
      PEER,
      own.map(({ speed }) => speed),
      peer.map(({ speed }) => speed),
      { atLeast: 0.95 },
    );
    if (what !== PEER) comparisons.push(speeds);
    return {
      what,
      "first ms": median(own.map(({ first }) => first)),
      "later by": median(own.map(({ first }, round) => first - (peer[round]?.first ?? Number.NaN))),
      "tokens/s": median(own.map(({ speed }) => speed)),
      ratio: speeds.ratio,
      "ratio from": speeds.from,
      "ratio to": speeds.to,
      rounds: own.length,
    };
  });
  return { rows, comparisons };
}
