import { type Case, ENDED, OPEN } from "../support/case.ts";

/** Headers with odd content types, and headers without a body marker. */
export const headerCases: readonly Case[] = [
  {
    name: "a content type with its marker on the answer",
    steps: [
      { input: "<|channel|>final <|constrain|>json", events: [] },
      { input: '<|message|>{"a":1}<|return|>', events: [{ channel: "final", contentType: "json" }, '{"a":1}', ENDED] },
    ],
    atEnd: [],
  },
  {
    name: "a content type without its marker on the answer",
    steps: [
      {
        input: '<|channel|>final json<|message|>{"a":1}<|return|>',
        events: [{ channel: "final", contentType: "json" }, '{"a":1}', ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "a content type glued to the channel",
    steps: [
      {
        input: '<|channel|>finaljson<|message|>{"a":1}<|return|>',
        events: [{ channel: "final", contentType: "json" }, '{"a":1}', ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "a content type of a free word",
    steps: [
      {
        input: "<|channel|>final <|constrain|>ReplyAction<|message|>{}<|return|>",
        events: [{ channel: "final", contentType: "ReplyAction" }, "{}", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "a space behind the marker",
    steps: [
      {
        input: "<|channel|>commentary to=functions.f <|constrain|> json<|message|>{}<|call|>",
        events: [{ channel: "commentary", recipient: "functions.f", contentType: "json" }, "{}", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "no space before the marker",
    steps: [
      {
        input: "<|channel|>commentary to=functions.f<|constrain|>json<|message|>{}<|call|>",
        events: [{ channel: "commentary", recipient: "functions.f", contentType: "json" }, "{}", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "a recipient behind the content type",
    steps: [
      {
        input: "<|channel|>commentary json to=functions.f<|message|>{}<|call|>",
        events: [{ channel: "commentary", recipient: "functions.f", contentType: "json" }, "{}", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "no body marker in the first header",
    steps: [
      { input: "<|channel|>commentary ", events: [] },
      { input: "Hello there", events: [] },
      { input: "<|end|>", events: [{ channel: "commentary" }, "Hello there", ENDED] },
    ],
    atEnd: [],
  },
  {
    name: "no body marker in a later header",
    steps: [
      {
        input: '<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final {"answer":',
        events: [{ channel: "analysis" }, "a", ENDED],
      },
      { input: '"hi"}', events: [] },
      { input: "<|return|>", events: [{ channel: "final" }, '{"answer":"hi"}', ENDED] },
    ],
    atEnd: [],
  },
  {
    name: "no body marker, a content type",
    steps: [
      {
        input: '<|channel|>final <|constrain|>json {"answer":"hi"}<|return|>',
        events: [{ channel: "final", contentType: "json" }, '{"answer":"hi"}', ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "no body marker, a new start ends it",
    steps: [
      {
        input: "<|channel|>final Hello<|start|>assistant<|channel|>final<|message|>CommandContext<|return|>",
        events: [{ channel: "final" }, "Hello", OPEN, { channel: "final" }, "CommandContext", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "the text glued to the channel",
    steps: [{ input: "<|channel|>final__HANDOFF__<|return|>", events: [{ channel: "final" }, "__HANDOFF__", ENDED] }],
    atEnd: [],
  },
  {
    name: "bold text glued to the channel",
    steps: [
      { input: "<|channel|>final**Yes**, it is<|end|>", events: [{ channel: "final" }, "**Yes**, it is", ENDED] },
    ],
    atEnd: [],
  },
];
