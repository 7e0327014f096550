import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { modelFor, WEATHER_TOOL } from "../support/chat-model.ts";
import { type Reply, startChatServer, stream } from "../support/chat-server.ts";
import { bothWays, type Entry, weatherCall } from "./support/foreign-server.ts";

const chunksOf = (...deltas: readonly Entry[]): Reply => ({ chunks: stream(deltas, { finish: "tool_calls" }) });

describe("calls that a server has split off", () => {
  const both = [{ city: "Lima" }, { city: "Oslo" }];
  it.each<[string, readonly Entry[]]>([
    [
      "number 0 twice, in one chunk",
      [{ tool_calls: [weatherCall("Lima", { index: 0, id: "a" }), weatherCall("Oslo", { index: 0, id: "b" })] }],
    ],
    [
      "number 0 twice, in two chunks",
      [
        { tool_calls: [weatherCall("Lima", { index: 0, id: "a" })] },
        { tool_calls: [weatherCall("Oslo", { index: 0, id: "b" })] },
      ],
    ],
    ["no number, in one chunk", [{ tool_calls: [weatherCall("Lima", { id: "a" }), weatherCall("Oslo", { id: "b" })] }]],
    [
      "no number, in two chunks",
      [{ tool_calls: [weatherCall("Lima", { id: "a" })] }, { tool_calls: [weatherCall("Oslo", { id: "b" })] }],
    ],
    ["neither number nor id, in one chunk", [{ tool_calls: [weatherCall("Lima"), weatherCall("Oslo")] }]],
    [
      "neither number nor id, in two chunks",
      [{ tool_calls: [weatherCall("Lima")] }, { tool_calls: [weatherCall("Oslo")] }],
    ],
    [
      "number 0 twice and no id",
      [{ tool_calls: [weatherCall("Lima", { index: 0 })] }, { tool_calls: [weatherCall("Oslo", { index: 0 })] }],
    ],
    [
      "number 0 twice and empty ids",
      [
        { tool_calls: [weatherCall("Lima", { index: 0, id: "" })] },
        { tool_calls: [weatherCall("Oslo", { index: 0, id: "" })] },
      ],
    ],
    [
      "one id for both",
      [{ tool_calls: [weatherCall("Lima", { index: 0, id: "a" }), weatherCall("Oslo", { index: 1, id: "a" })] }],
    ],
    [
      "begun one after the other, then the arguments in turn",
      [
        { tool_calls: [{ index: 0, id: "a", function: { name: "get_weather", arguments: "" } }] },
        { tool_calls: [{ index: 1, id: "b", function: { name: "get_weather", arguments: "" } }] },
        {
          tool_calls: [
            { index: 0, function: { arguments: '{"city":' } },
            { index: 1, function: { arguments: '{"city":' } },
          ],
        },
        { tool_calls: [{ index: 1, function: { arguments: '"Oslo"}' } }] },
        { tool_calls: [{ index: 0, function: { arguments: '"Lima"}' } }] },
      ],
    ],
    [
      "number 0 twice, the arguments in turn by id",
      [
        {
          tool_calls: [
            { index: 0, id: "a", function: { name: "get_weather" } },
            { index: 0, id: "b", function: { name: "get_weather" } },
          ],
        },
        { tool_calls: [{ index: 0, id: "a", function: { arguments: '{"city":' } }] },
        { tool_calls: [{ index: 0, id: "b", function: { arguments: '{"city":"Oslo"}' } }] },
        { tool_calls: [{ index: 0, id: "a", function: { arguments: '"Lima"}' } }] },
      ],
    ],
    [
      "no number, and the rest without an id",
      [
        { tool_calls: [{ id: "a", function: { name: "get_weather", arguments: '{"ci' } }] },
        { tool_calls: [{ function: { arguments: 'ty":"Lima"}' } }] },
        { tool_calls: [{ id: "b", function: { name: "get_weather", arguments: '{"ci' } }] },
        { tool_calls: [{ function: { arguments: 'ty":"Oslo"}' } }] },
      ],
    ],
    [
      "id and name with each chunk",
      ["Lima", "Oslo"].flatMap((city, index) =>
        ['{"city"', `:"${city}"}`].map((part) => ({
          tool_calls: [
            { index, id: `id${index}`, type: "function", function: { name: "get_weather", arguments: part } },
          ],
        })),
      ),
    ],
    [
      "objects for arguments",
      [
        {
          tool_calls: both.map((values, index) => ({
            index,
            id: `id${index}`,
            function: { name: "get_weather", arguments: values },
          })),
        },
      ],
    ],
  ])("are two: %s", async (_, deltas) => {
    for (const message of await bothWays(chunksOf(...deltas))) {
      expect(message.invalid_tool_calls).toEqual([]);
      expect(message.tool_calls?.map(({ name, args }) => ({ name, args }))).toEqual(
        both.map((args) => ({ name: "get_weather", args })),
      );
      const ids = message.tool_calls?.map(({ id }) => id ?? "") ?? [];
      expect(new Set(ids).size).toBe(2);
      expect(ids.every((id) => id !== "")).toBe(true);
      expect(message.response_metadata).toMatchObject({ finish_reason: "tool_calls" });
    }
  });

  it.each<[string, readonly Entry[]]>([
    [
      "the name in the second chunk",
      [
        { tool_calls: [{ index: 0, id: "a", function: { arguments: "" } }] },
        { tool_calls: [weatherCall("Lima", { index: 0 })] },
      ],
    ],
    [
      "the name after the arguments",
      [
        { tool_calls: [{ index: 0, id: "a", function: { arguments: '{"city":"Lima"}' } }] },
        { tool_calls: [{ index: 0, function: { name: "get_weather" } }] },
      ],
    ],
    [
      "the name in parts",
      [
        { tool_calls: [{ index: 0, id: "a", function: { name: "get_" } }] },
        { tool_calls: [{ index: 0, function: { name: "weather", arguments: '{"city":"Lima"}' } }] },
      ],
    ],
    [
      "another id with each chunk",
      [
        { tool_calls: [{ index: 0, id: "a", function: { name: "get_weather", arguments: '{"ci' } }] },
        { tool_calls: [{ index: 0, id: "b", function: { arguments: 'ty":"Li' } }] },
        { tool_calls: [{ index: 0, id: "c", function: { arguments: 'ma"}' } }] },
      ],
    ],
    ["an object without the array around it", [{ tool_calls: weatherCall("Lima", { index: 0, id: "a" }) }]],
    ["an empty id", [{ tool_calls: [weatherCall("Lima", { index: 0, id: "" })] }]],
    [
      "the id in the second chunk",
      [
        { tool_calls: [{ index: 0, id: "", function: { name: "get_weather", arguments: '{"city"' } }] },
        { tool_calls: [{ index: 0, id: "a", function: { arguments: ':"Lima"}' } }] },
      ],
    ],
    ...[
      "functions.get_weather",
      "get_weather<|channel|>commentary",
      "functions.get_weather<|constrain|>json",
      "get_weather<|channel|>",
      "get_weather commentary",
      "get_weather commentary json",
      "functions.get_weatherjson",
      " get_weather ",
    ].map((name): [string, Entry[]] => [
      name,
      [{ tool_calls: [{ index: 0, id: "a", function: { name, arguments: '{"city":"Lima"}' } }] }],
    ]),
    [
      "the object in place of its text",
      [{ tool_calls: [{ index: 0, id: "a", function: { name: "get_weather", arguments: { city: "Lima" } } }] }],
    ],
    [
      "the same entry twice",
      [
        { tool_calls: [weatherCall("Lima", { index: 0, id: "a" })] },
        { tool_calls: [weatherCall("Lima", { index: 0, id: "a" })] },
      ],
    ],
    [
      "the older function_call",
      [{ function_call: { name: "get_weather", arguments: '{"ci' } }, { function_call: { arguments: 'ty":"Lima"}' } }],
    ],
    [
      "name and arguments without `function`",
      [{ tool_calls: [{ index: 0, id: "a", type: "function", name: "get_weather", arguments: '{"city":"Lima"}' }] }],
    ],
    ["an entry of nothing beside it", [{ tool_calls: [null, weatherCall("Lima", { index: 0, id: "a" }), "x"] }]],
  ])("are one: %s", async (_, deltas) => {
    for (const message of await bothWays(chunksOf(...deltas))) {
      expect(message.tool_calls).toMatchObject([{ name: "get_weather", args: { city: "Lima" } }]);
      expect(message.invalid_tool_calls).toEqual([]);
      expect(message.tool_calls?.[0]?.id).toMatch(/./);
    }
  });

  it.each<[string, unknown, object]>([
    ["null", null, { tool_calls: [{ name: "get_weather", args: {} }] }],
    ["nothing", undefined, { tool_calls: [{ name: "get_weather", args: {} }] }],
    ["an array", ["Lima"], { tool_calls: [], invalid_tool_calls: [{ name: "get_weather" }] }],
    ["a number", 4, { tool_calls: [], invalid_tool_calls: [{ name: "get_weather" }] }],
  ])("with %s for arguments do not fail the answer", async (_, given, expected) => {
    const entry = { index: 0, id: "a", function: { name: "get_weather", arguments: given } };
    for (const message of await bothWays(chunksOf({ tool_calls: [entry] }))) expect(message).toMatchObject(expected);
  });

  it("are two where the names are those of two tools, and nothing else tells them apart", async () => {
    const named = (name: string) => ({ tool_calls: [{ function: { name, arguments: "" } }] });
    await using server = await startChatServer(chunksOf(named("first"), named("second")));
    const tools = ["first", "second"].map((name) => ({
      type: "function" as const,
      function: { name, parameters: {} },
    }));
    const { tool_calls } = await modelFor(server).bindTools(tools).invoke("Hi");
    expect(tool_calls).toMatchObject([
      { name: "first", args: {} },
      { name: "second", args: {} },
    ]);
  });

  it("get an id that no call before them has, where the server counts from 0 in each answer", async () => {
    await using server = await startChatServer(
      chunksOf({ tool_calls: [weatherCall("Lima", { index: 0, id: "call_0" })] }),
    );
    const model = modelFor(server).bindTools([WEATHER_TOOL]);
    const first = await model.invoke("Hi");
    const second = await model.invoke([
      { role: "user", content: "Hi" },
      first,
      { role: "tool", tool_call_id: "call_0", content: "sun" },
    ]);
    expect(first.tool_calls?.[0]?.id).toBe("call_0");
    expect(second.tool_calls?.[0]?.id).not.toBe("call_0");
  });

  it("are the same however they are cut into chunks", async () => {
    const calls = fc.array(fc.record({ city: fc.string({ minLength: 1, maxLength: 8 }) }), {
      minLength: 1,
      maxLength: 3,
    });
    const shape = fc.record({
      withIndex: fc.boolean(),
      repeatsName: fc.boolean(),
      size: fc.integer({ min: 1, max: 9 }),
    });
    await fc.assert(
      fc.asyncProperty(calls, shape, async (values, { withIndex, repeatsName, size }) => {
        const deltas = values.flatMap((args, index) => {
          const written = JSON.stringify(args);
          const parts = written.match(new RegExp(`[\\s\\S]{1,${size}}`, "g")) ?? [];
          return ["", ...parts].map((part, at) => ({
            tool_calls: [
              {
                id: `id${index}`,
                ...(withIndex && { index }),
                function: { ...((at === 0 || repeatsName) && { name: "get_weather" }), arguments: part },
              },
            ],
          }));
        });
        for (const message of await bothWays(chunksOf(...deltas)))
          expect(message.tool_calls?.map(({ args }) => args)).toEqual(values);
      }),
      { numRuns: 15 },
    );
  });
});
