import { type Case, ENDED, OPEN } from "../support/case.ts";

/** Completions that were cut off. */
export const cutCases: readonly Case[] = [
  {
    name: "nothing",
    steps: [{ input: "", events: [] }],
    atEnd: [],
  },
  {
    name: "inside the first marker",
    steps: [{ input: "<|chan", events: [] }],
    atEnd: [],
  },
  {
    name: "inside the channel",
    steps: [{ input: "<|channel|>ana", events: [] }],
    atEnd: [],
  },
  {
    name: "inside a later start",
    steps: [
      { input: "<|channel|>analysis<|message|>a<|end|><|start|>assis", events: [{ channel: "analysis" }, "a", ENDED] },
    ],
    atEnd: [],
  },
  {
    name: "inside a later channel",
    steps: [
      {
        input: "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>fi",
        events: [{ channel: "analysis" }, "a", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "inside the recipient",
    steps: [
      {
        input: "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>commentary to=functions.ge",
        events: [{ channel: "analysis" }, "a", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "inside the content type",
    steps: [{ input: "<|channel|>commentary to=functions.f <|constrain|>js", events: [] }],
    atEnd: [],
  },
  {
    name: "before the body",
    steps: [{ input: "<|channel|>commentary to=functions.f <|constrain|>json", events: [] }],
    atEnd: [],
  },
  {
    name: "at the body",
    steps: [{ input: "<|channel|>final<|message|>", events: [{ channel: "final" }] }],
    atEnd: [OPEN],
  },
  {
    name: "inside the thinking",
    steps: [
      { input: "<|channel|>analysis<|message|>I was ", events: [{ channel: "analysis" }, "I was "] },
      { input: "thin", events: ["thin"] },
    ],
    atEnd: [OPEN],
  },
  {
    name: "inside the arguments",
    steps: [
      {
        input: '<|channel|>commentary to=functions.f <|constrain|>json<|message|>{"a": [1,',
        events: [{ channel: "commentary", recipient: "functions.f", contentType: "json" }, '{"a": [1,'],
      },
      { input: " 2", events: [" 2"] },
    ],
    atEnd: [OPEN],
  },
  {
    name: "inside the stop",
    steps: [
      { input: "<|channel|>final<|message|>answer", events: [{ channel: "final" }, "answer"] },
      { input: "<|e", events: [] },
    ],
    atEnd: ["<|e", OPEN],
  },
  {
    name: "inside a start that nothing ended",
    steps: [
      { input: "<|channel|>analysis<|message|>a", events: [{ channel: "analysis" }, "a"] },
      { input: "<|sta", events: [] },
    ],
    atEnd: ["<|sta", OPEN],
  },
  {
    name: "behind a start that nothing ended",
    steps: [{ input: "<|channel|>analysis<|message|>a<|start|>", events: [{ channel: "analysis" }, "a"] }],
    atEnd: ["<|start|>", OPEN],
  },
  {
    name: "inside a header that holds text",
    steps: [{ input: '<|channel|>final {"a": 1,', events: [] }],
    atEnd: [{ channel: "final" }, '{"a": 1,', OPEN],
  },
  {
    name: "behind a header's recipient without markers",
    steps: [{ input: "to=functions.f", events: [] }],
    atEnd: [],
  },
];
