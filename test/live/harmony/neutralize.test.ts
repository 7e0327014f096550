import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { neutralizeControlTokens, neutralizeControlTokensIn } from "../../../src/index.ts";
import { type LiveServer, startLiveServer } from "../support/live-server.ts";
import { attacks, CONTROL_TOKENS } from "./support/attacks.ts";
import { type ConversationRequest, result, tool, user } from "./support/conversations.ts";
import { places } from "./support/places.ts";
import { promptOf } from "./support/prompt.ts";

const tokensSchema = z.object({ tokens: z.array(z.number()) });

let server: LiveServer;
let controlIds: ReadonlySet<number>;
beforeAll(async () => {
  server = await startLiveServer();
  const tokens = await Promise.all(CONTROL_TOKENS.map(tokensOf));
  expect(tokens.map(({ length }) => length)).toEqual(CONTROL_TOKENS.map(() => 1));
  controlIds = new Set(tokens.flat());
});
afterAll(async () => {
  await server.stop();
});

/** As the server reads a prompt: control tokens in it count. */
async function tokensOf(content: string): Promise<readonly number[]> {
  return tokensSchema.parse(await server.post("/tokenize", { content, parse_special: true })).tokens;
}

async function countControlTokens(request: ConversationRequest): Promise<number> {
  const tokens = await tokensOf(await promptOf(server, request));
  return tokens.filter((token) => controlIds.has(token)).length;
}

describe.each(Object.entries(places))("in %s", (_, requestOf) => {
  it("attacks write control tokens when nothing is done", async () => {
    const harmless = await countControlTokens(requestOf("x"));
    for (const token of CONTROL_TOKENS) {
      expect({ token, count: await countControlTokens(requestOf(token)) }).not.toEqual({ token, count: harmless });
    }
  });

  it(`none of ${attacks.length} attacks writes one when they are neutralised`, async () => {
    const harmless = await countControlTokens(requestOf("x"));
    for (const attack of attacks) {
      const count = await countControlTokens(requestOf(neutralizeControlTokens(attack)));
      expect({ attack, count }).toEqual({ attack, count: harmless });
    }
  });
});

describe("a marker that two pieces make together", () => {
  const cuts = CONTROL_TOKENS.flatMap((token) =>
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
      for (const [first, second] of cuts) {
        const request = requestOf([neutralizeControlTokens(first), neutralizeControlTokens(second)]);
        expect({ first, second, count: await countControlTokens(request) }).toEqual({ first, second, count: harmless });
      }
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
    expect(await countControlTokens(requestOf(neutralizeControlTokens(hidden)))).toBe(harmless + 3);
    const safe = JSON.stringify(neutralizeControlTokensIn(JSON.parse(hidden)));
    expect(await countControlTokens(requestOf(safe))).toBe(harmless);
  });
});
