import { createRequire } from "node:module";
import { join } from "node:path";
import { InMemoryChatMessageHistory } from "@langchain/core/chat_history";
import { createConversationChannels } from "../../chains/index.ts";
import { ChatGptOss } from "../../src/index.ts";
import { ChatOpenAI, OpenAIClient } from "@langchain/openai";
import { type LiveServer, startLiveServer } from "../live/support/live-server.ts";
import { OWN_SERVER } from "../support/chat-model.ts";
import { type Comparison, compareRounds, type Goal } from "./comparison.ts";
import { median } from "./measure.ts";
import { installPeer } from "./support/peers.ts";

const QUESTION = "Count to 100.";
const MAX_TOKENS = 400;
const ROUNDS = 161;

/** Reads one whole answer; `onPiece` is called for each piece of it as it is delivered. */
type Reader = (onPiece: () => void) => Promise<void>;

export interface ModelRow {
  readonly what: string;
  /** Milliseconds from the call to the first piece, the median of the rounds. */
  readonly "first ms": number;
  /** Milliseconds beyond the peer's in the same round, the median. */
  readonly "later by": number;
  /** Milliseconds from the first piece to the end. */
  readonly "rest ms": number;
  /** Tokens a second from the first piece on, beside the peer in the same round: the median, the least and the most. */
  readonly ratio: number;
  readonly "ratio from": number;
  readonly "ratio to": number;
  /** Microseconds of processor time of this process for one token, the median. */
  readonly "CPU µs/token": number;
  readonly rounds: number;
}

interface Run {
  readonly first: number;
  readonly rest: number;
  readonly cpu: number;
}

/**
 * The same answer, read in several ways from one llama-server with the demo model, which writes thousands of tokens a second: what
 * each way costs is seen as nowhere else. A real model writes tens.
 */
export async function benchModel(): Promise<{
  rows: readonly ModelRow[];
  comparisons: readonly Comparison[];
}> {
  const server = await startLiveServer();
  try {
    const ways = Object.entries({ ...waysToRead(server), "Vercel AI SDK": await aiSdk(server) });
    const tokens = await tokensOfAnswer(server);
    const runs = new Map(ways.map(([what]): [string, Run[]] => [what, []]));
    for (let round = -2; round < ROUNDS; round++) {
      for (const [what, read] of ways) {
        const run = await timed(read);
        // the first rounds warm up
        if (round >= 0) runs.get(what)?.push(run);
      }
    }
    const peer = runs.get("fetch alone") ?? [];
    return {
      rows: Array.from(runs, ([what, own]) => rowOf(what, tokens, own, peer)),
      comparisons: comparisonsOf(runs),
    };
  } finally {
    await server.stop();
  }
}

function rowOf(what: string, tokens: number, own: readonly Run[], peer: readonly Run[]): ModelRow {
  const ratios = own.map(({ rest }, round) => (peer[round]?.rest ?? Number.NaN) / rest);
  return {
    what,
    "first ms": median(own.map(({ first }) => first)),
    "later by": median(own.map(({ first }, round) => first - (peer[round]?.first ?? Number.NaN))),
    "rest ms": median(own.map(({ rest }) => rest)),
    ratio: median(ratios),
    "ratio from": Math.min(...ratios),
    "ratio to": Math.max(...ratios),
    "CPU µs/token": median(own.map(({ cpu }) => cpu)) / tokens,
    rounds: own.length,
  };
}

/** What of it belongs into the summary. */
function comparisonsOf(runs: ReadonlyMap<string, readonly Run[]>): readonly Comparison[] {
  const of = (what: string, figure: (run: Run) => number): number[] => (runs.get(what) ?? []).map(figure);
  const speed = ({ rest }: Run) => 1 / rest;
  const faster = (what: string, way: string, goal?: Goal) =>
    compareRounds(`tokens/s, ${what}`, "fetch alone", of(way, speed), of("fetch alone", speed), goal);
  const cost = ({ cpu }: Run) => cpu;
  const cheaper = (peer: string) =>
    compareRounds("CPU a token, conversation chain", peer, of("conversation chain", cost), of(peer, cost));
  const first = (way: string) => of(way, (run) => run.first);
  const plain = first("ChatOpenAI");
  const later = first("conversation chain").map((ours, round) => ours - (plain[round] ?? Number.NaN));
  return [
    faster("conversation chain", "conversation chain", { atLeast: 0.97 }),
    faster("ChatOpenAI for comparison", "ChatOpenAI"),
    faster("openai SDK for comparison", "openai SDK"),
    faster("Vercel AI SDK for comparison", "Vercel AI SDK"),
    compareRounds(
      "first piece after ChatOpenAI's, conversation chain",
      "3 ms",
      later,
      later.map(() => 3),
      { atMost: 1 },
    ),
    ...["fetch alone", "openai SDK", "ChatOpenAI", "Vercel AI SDK"].map(cheaper),
  ];
}

async function timed(read: Reader): Promise<Run> {
  const cpu = process.cpuUsage();
  const begin = performance.now();
  let first: number | undefined;
  await read(() => {
    first ??= performance.now();
  });
  const end = performance.now();
  const { user, system } = process.cpuUsage(cpu);
  return { first: (first ?? end) - begin, rest: end - (first ?? end), cpu: user + system };
}

const body = {
  model: "demo",
  messages: [{ role: "user" as const, content: QUESTION }],
  temperature: 0,
  max_tokens: MAX_TOKENS,
  stream: true as const,
  stream_options: { include_usage: true },
};

function waysToRead({ baseUrl, apiKey }: LiveServer): Readonly<Record<string, Reader>> {
  const baseURL = `${baseUrl}/v1`;
  const configuration = { baseURL, defaultHeaders: { connection: "close" } };
  const sdk = new OpenAIClient({ apiKey, ...configuration });
  const plain = new ChatOpenAI({ model: "demo", apiKey, configuration, temperature: 0, maxTokens: MAX_TOKENS });
  const sampling = { temperature: 0, topP: 1, topK: 0, minP: 0 };
  const model = new ChatGptOss({
    baseUrl: baseURL,
    apiKey,
    model: "demo",
    server: OWN_SERVER,
    sampling,
    maxTokens: MAX_TOKENS,
  });
  const history = new InMemoryChatMessageHistory();
  // every channel, as the other ways read it: the first piece of the answer alone would come after the thinking
  const chat = createConversationChannels({ model, memory: history });
  return {
    "fetch alone": (onPiece) => readBare(`${baseURL}/chat/completions`, apiKey, onPiece),
    "openai SDK": async (onPiece) => {
      for await (const chunk of await sdk.chat.completions.create(body)) if (chunk.choices[0]?.delta.content) onPiece();
    },
    ChatOpenAI: async (onPiece) => {
      for await (const chunk of await plain.stream(QUESTION)) if (chunk.text !== "") onPiece();
    },
    ChatGptOss: async (onPiece) => {
      // the header of a message is read before its first piece can be told
      for await (const _ of await model.stream(QUESTION)) onPiece();
    },
    "conversation chain": async (onPiece) => {
      // every turn is a first one, so that all ways send the same prompt
      await history.clear();
      for await (const _ of await chat.stream(QUESTION)) onPiece();
    },
  };
}

/** The AI SDK's streamText, with its provider for servers that speak OpenAI's API. */
async function aiSdk({ baseUrl, apiKey }: LiveServer): Promise<Reader> {
  const peer = createRequire(join(await installPeer("ai-sdk"), "package.json"));
  const { streamText } = (await import(peer.resolve("ai"))) as AiSdk;
  const { createOpenAICompatible } = (await import(peer.resolve("@ai-sdk/openai-compatible"))) as AiSdkProvider;
  const provider = createOpenAICompatible({
    name: "local",
    baseURL: `${baseUrl}/v1`,
    apiKey,
    headers: { connection: "close" },
    includeUsage: true,
  });
  return async (onPiece) => {
    const call = { model: provider("demo"), prompt: QUESTION, temperature: 0, maxOutputTokens: MAX_TOKENS };
    for await (const text of streamText(call).textStream) if (text !== "") onPiece();
  };
}

/** Of the AI SDK, which is installed for the benchmark only, what is used here. */
interface AiSdk {
  readonly streamText: (call: object) => { readonly textStream: AsyncIterable<string> };
}
interface AiSdkProvider {
  readonly createOpenAICompatible: (settings: object) => (model: string) => object;
}

async function readBare(url: string, apiKey: string, onPiece: () => void): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json", connection: "close" },
    body: JSON.stringify(body),
  });
  if (!response.ok || response.body === null) throw new Error(`${url} answered ${response.status}`);
  let rest = "";
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (!line.startsWith("data: {")) continue;
      const { choices } = JSON.parse(line.slice(6)) as { choices: { delta: { content?: string | null } }[] };
      if (choices[0]?.delta.content) onPiece();
    }
  }
}

async function tokensOfAnswer(server: LiveServer): Promise<number> {
  const whole = { ...body, stream: false, stream_options: undefined };
  const reply = (await server.post("/v1/chat/completions", whole)) as { usage: { completion_tokens: number } };
  return reply.usage.completion_tokens;
}
