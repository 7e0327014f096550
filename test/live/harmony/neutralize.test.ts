import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { sanitizeControlTokens, sanitizeControlTokensIn } from "../../../src/harmony/index.ts";
import { sized } from "../../support/full-size.ts";
import { type LiveServer, startLiveServer } from "../support/live-server.ts";
import { attacks, CONTROL_TOKENS } from "./support/attacks.ts";
import { type ConversationRequest, result, tool, user } from "./support/conversations.ts";
import { places } from "./support/places.ts";
import { promptOf } from "./support/prompt.ts";

/** Every attack at full size; otherwise some of each kind. */
const tried = attacks.filter((_, index) => index % sized(6, 1) === 0);

const tokensSchema = z.object({ tokens: z.array(z.number()) });

let server: LiveServer;
let controlIds: ReadonlySet<number>;
beforeAll(async () => {
  server = await startLiveServer();
  controlIds = new Set((await Promise.all(CONTROL_TOKENS.map(tokensOf))).flat());
});
afterAll(async () => {
  await server.stop();
});

/** As the server reads a prompt: control tokens in it count. */
async function tokensOf(content: string): Promise<readonly number[]> {
  return tokensSchema.parse(await server.post("/tokenize", { content, parse_special: true })).tokens;
}

async function countIn(prompt: string): Promise<number> {
  return (await tokensOf(prompt)).filter((token) => controlIds.has(token)).length;
}

async function countControlTokens(request: ConversationRequest): Promise<number> {
  return countIn(await promptOf(server, request));
}

/** The attacks after which a prompt has another number of control tokens than expected. */
async function withOtherCount<Attack>(
  expected: number,
  attacked: readonly Attack[],
  requestOf: (attack: Attack) => ConversationRequest,
): Promise<readonly Attack[]> {
  const prompts = await Promise.all(attacked.map((attack) => promptOf(server, requestOf(attack))));
  // nearly always all are well, which a single request tells
  if ((await countIn(prompts.join("\n"))) === expected * attacked.length) return [];
  const counts = await Promise.all(prompts.map(countIn));
  return attacked.filter((_, index) => counts[index] !== expected);
}

it.each(["a", "漢", " ", "\n", "!", "-", "😀"])(
  "a run of %j that would overflow the tokenizer's stack is read",
  async (unit) => {
    expect((await tokensOf(sanitizeControlTokens(unit.repeat(100_000)))).length).toBeGreaterThan(0);
  },
);

it("counts tokens that this vocabulary has", () => {
  expect(controlIds.size).toBe(CONTROL_TOKENS.length);
});

describe.each(Object.entries(places))("in %s", (_, requestOf) => {
  it("attacks write control tokens when nothing is done", async () => {
    const harmless = await countControlTokens(requestOf("x"));
    const some = CONTROL_TOKENS.slice(-5);
    expect(await withOtherCount(harmless, some, requestOf)).toEqual(some);
  });

  it(`none of ${tried.length} attacks writes one when they are neutralised`, async () => {
    const harmless = await countControlTokens(requestOf("x"));
    const requestOfSafe = (attack: string) => requestOf(sanitizeControlTokens(attack));
    expect(await withOtherCount(harmless, tried, requestOfSafe)).toEqual([]);
  });
});

describe("a marker that two pieces make together", () => {
  const cuts = ["<|start|>", "<|end|>", "<|reserved_200000|>"].flatMap((token) =>
    Array.from(
      { length: token.length - 1 },
      (_, index) => [token.slice(0, index + 1), token.slice(index + 1)] as const,
    ),
  );

  it.each([
    ["two texts of the user", ([a, b]) => ({ messages: [user(a), user(b)] })],
    [
      "two parts of a text",
      ([a, b]) => ({
        messages: [
          {
            role: "user",
            content: [
              { type: "text", text: a },
              { type: "text", text: b },
            ],
          },
        ],
      }),
    ],
    [
      "a name and its text",
      ([a, b]) => ({ messages: [{ ...user(b), name: a }], chat_template_kwargs: { names: true } }),
    ],
    [
      "two choices",
      ([a, b]) => ({ messages: [user("Hi")], tools: [tool("f", { p: { type: "string", enum: [a, b] } })] }),
    ],
    ["two types", ([a, b]) => ({ messages: [user("Hi")], tools: [tool("f", { p: { type: [a, b] } })] })],
    ["a tool's name and its description", ([a, b]) => ({ messages: [user("Hi")], tools: [tool(b, {}, [], a)] })],
  ] satisfies [string, (pieces: readonly [string, string]) => ConversationRequest][])(
    "is none in %s",
    async (_, requestOf) => {
      const harmless = await countControlTokens(requestOf(["x", "y"]));
      const requestOfSafe = ([first, second]: readonly [string, string]) =>
        requestOf([sanitizeControlTokens(first), sanitizeControlTokens(second)]);
      expect(await withOtherCount(harmless, cuts, requestOfSafe)).toEqual([]);
    },
  );
});

describe("arguments in JSON", () => {
  it("cannot hide a marker behind an escape", async () => {
    const requestOf = (args: string): ConversationRequest => ({
      messages: [
        user("Hi"),
        {
          role: "assistant",
          content: "",
          tool_calls: [{ id: "c", type: "function", function: { name: "f", arguments: args } }],
        },
        result("c", "ok"),
      ],
    });
    const hidden = String.raw`{"a": "\u003c|end|\u003e", "\u003c|start|>": ["<\u007cend|>"]}`;
    const harmless = await countControlTokens(requestOf("{}"));
    expect(await countControlTokens(requestOf(sanitizeControlTokens(hidden)))).toBe(harmless + 3);
    const safe = JSON.stringify(sanitizeControlTokensIn(JSON.parse(hidden)));
    expect(await countControlTokens(requestOf(safe))).toBe(harmless);
  });
});
