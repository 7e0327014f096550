import { describe, expect, it } from "@jest/globals";
import { assert as check, boolean, constantFrom, json, property, record, string, array } from "fast-check";
import {
  type CallHeader,
  headersById,
  parseWrittenCalls,
  readCallHeaders,
  withWrittenForm,
} from "../../src/inference/call-header.ts";

/** All forms but a type glued to the recipient, which nobody could tell from its name. */
const headers = record({
  recipient: constantFrom("role" as const, "channel" as const),
  channel: constantFrom("commentary" as const, "analysis" as const),
  space: boolean(),
  marker: boolean(),
  type: constantFrom("json" as const, "code" as const, "" as const),
}).filter(({ recipient, space, marker, type }) => recipient === "role" || space || marker || type === "");

function written({ recipient, channel, space, marker, type }: CallHeader, name: string): string {
  const to = ` to=${name}`;
  const channels = `<|channel|>${channel}${recipient === "channel" ? to : ""}`;
  return `${recipient === "role" ? to : ""}${channels}${space ? " " : ""}${marker ? "<|constrain|>" : ""}${type}<|message|>`;
}

/** Text as a body has it: without the control tokens, which end it. */
const bodies = string().map((text) => text.replaceAll("<|", "< |"));

describe("readCallHeaders", () => {
  it("reads the form of every call back, behind thinking and preambles", () => {
    check(
      property(
        array(record({ header: headers, body: json(), thinking: bodies }), { minLength: 1, maxLength: 4 }),
        (calls) => {
          const raw = calls
            .map(({ header, body, thinking }) => {
              const before = `<|channel|>analysis<|message|>${thinking}<|end|><|start|>assistant`;
              return `${before}${written(header, "functions.look")}${body}<|call|>`;
            })
            .join("<|start|>assistant");
          expect(readCallHeaders(raw, calls.length)).toEqual(calls.map(({ header }) => header));
        },
      ),
      { numRuns: 200 },
    );
  });

  it("reads a call at the beginning, where llama-server strips the space", () => {
    expect(readCallHeaders("to=functions.f<|channel|>commentary json<|message|>{}", 1)).toMatchObject([
      { recipient: "role", space: true, type: "json" },
    ]);
  });

  it.each([
    ["a recipient in both places", " to=functions.f<|channel|>commentary to=functions.f json<|message|>{}"],
    ["another content type", "<|channel|>commentary to=functions.f <|constrain|>yaml<|message|>{}"],
    ["no channel", " to=functions.f<|message|>{}"],
    ["no body", "<|channel|>commentary to=functions.f json"],
    ["no call", "<|channel|>final<|message|>Hello"],
  ])("knows no form of %s", (_, header) => {
    expect(readCallHeaders(`<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant${header}`, 1)).toBeUndefined();
  });

  it("knows no form where another number of calls was read", () => {
    const raw = "<|channel|>commentary to=functions.f json<|message|>{}";
    expect([readCallHeaders(raw, 2), readCallHeaders(raw, 0)]).toEqual([undefined, undefined]);
  });
});

const header: CallHeader = { recipient: "channel", channel: "commentary", space: true, marker: true, type: "json" };

describe("the written form of a call", () => {
  it("comes back with the bytes of the arguments, unless they mean something else now", () => {
    const call = { id: "c", name: "f", arguments: '{"a":1}' };
    const form = { header, arguments: '{"a":  1}' };
    expect(withWrittenForm(call, form)).toEqual({ ...call, ...form });
    expect(withWrittenForm({ ...call, arguments: '{"a":2}' }, form)).toEqual({ ...call, arguments: '{"a":2}' });
    expect(withWrittenForm(call, undefined)).toBe(call);
  });

  it("is unknown for an empty id, and for one that two calls have", () => {
    const call = (id: string) => ({ id, name: "f", arguments: "{}", header });
    expect(headersById([call("a"), call("b"), call("b"), call("")])).toEqual({ a: header });
    expect(headersById([call(""), { id: "c", arguments: "{}" }])).toBeUndefined();
  });

  it.each([
    undefined,
    "text",
    [{ id: "c" }],
    [{ id: "c", arguments: "{}", header: { ...header, channel: "<|end|>" } }],
  ])("is not taken from a stored message that has none: %j", (stored) => {
    expect(parseWrittenCalls(stored)).toEqual([]);
  });
});
