import { type Case, ENDED, OPEN } from "../support/case.ts";

/** What stands between two messages. */
export const betweenCases: readonly Case[] = [
  {
    name: "no start and no role",
    steps: [
      {
        input: "<|channel|>analysis<|message|>a<|end|><|channel|>final<|message|>Hi",
        events: [{ channel: "analysis" }, "a", ENDED, { channel: "final" }, "Hi"],
      },
      { input: "<|return|>", events: [ENDED] },
    ],
    atEnd: [],
  },
  {
    name: "no start",
    steps: [
      { input: "<|channel|>analysis<|message|>a<|end|>assistant", events: [{ channel: "analysis" }, "a", ENDED] },
      { input: "<|channel|>final<|message|>Hi<|return|>", events: [{ channel: "final" }, "Hi", ENDED] },
    ],
    atEnd: [],
  },
  {
    name: "no start, white space",
    steps: [
      { input: "<|channel|>analysis<|message|>a<|end|> \n ", events: [{ channel: "analysis" }, "a", ENDED] },
      { input: "<|channel|>final<|message|>Hi<|return|>", events: [{ channel: "final" }, "Hi", ENDED] },
    ],
    atEnd: [],
  },
  {
    name: "no start, no channel",
    steps: [
      {
        input: "<|channel|>analysis<|message|>a<|end|><|message|>Hi<|return|>",
        events: [{ channel: "analysis" }, "a", ENDED, {}, "Hi", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "two stops",
    steps: [{ input: "<|channel|>final<|message|>Hi<|end|><|return|>", events: [{ channel: "final" }, "Hi", ENDED] }],
    atEnd: [],
  },
  {
    name: "the same stop twice, with a line break",
    steps: [
      { input: "<|channel|>final<|message|>Hi<|return|>\n<|return|>", events: [{ channel: "final" }, "Hi", ENDED] },
    ],
    atEnd: [],
  },
  {
    name: "a stop first of all",
    steps: [{ input: "<|end|><|channel|>final<|message|>Hi<|return|>", events: [{ channel: "final" }, "Hi", ENDED] }],
    atEnd: [],
  },
  {
    name: "a lone channel's name",
    steps: [
      { input: "<|channel|>analysis<|message|>a<|end|>commentary", events: [{ channel: "analysis" }, "a", ENDED] },
      {
        input: "<|start|>assistant<|channel|>final<|message|>Hi<|return|>",
        events: [{ channel: "final" }, "Hi", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "a lone dot, which is shown",
    steps: [
      { input: "<|channel|>analysis<|message|>a<|end|>.", events: [{ channel: "analysis" }, "a", ENDED, {}, "."] },
      {
        input: "<|start|>assistant<|channel|>final<|message|>Hi<|return|>",
        events: [OPEN, { channel: "final" }, "Hi", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "free text, which is shown",
    steps: [
      {
        input: "<|channel|>analysis<|message|>a<|end|>Let me ",
        events: [{ channel: "analysis" }, "a", ENDED, {}, "Let me "],
      },
      { input: "see. ", events: ["see. "] },
      { input: "<|channel|>final<|message|>Hi<|return|>", events: [OPEN, { channel: "final" }, "Hi", ENDED] },
    ],
    atEnd: [],
  },
  {
    name: "text behind the answer",
    steps: [
      { input: "<|channel|>final<|message|>Hi<|return|>And ", events: [{ channel: "final" }, "Hi", ENDED, {}, "And "] },
      { input: "more", events: ["more"] },
    ],
    atEnd: [OPEN],
  },
  {
    name: "a header without its channel marker",
    steps: [
      {
        input: "<|channel|>analysis<|message|>a<|end|>commentary to=functions.f ",
        events: [{ channel: "analysis" }, "a", ENDED],
      },
      {
        input: "<|constrain|>json<|message|>{}<|call|>",
        events: [{ channel: "commentary", recipient: "functions.f", contentType: "json" }, "{}", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "a header without any marker but the last",
    steps: [
      { input: "<|channel|>analysis<|message|>a<|end|>final", events: [{ channel: "analysis" }, "a", ENDED] },
      { input: "<|message|>Hi<|return|>", events: [{ channel: "final" }, "Hi", ENDED] },
    ],
    atEnd: [],
  },
  {
    name: "a recipient alone",
    steps: [
      {
        input: "<|channel|>analysis<|message|>a<|end|> to=functions.f json<|message|>{}<|call|>",
        events: [{ channel: "analysis" }, "a", ENDED, { recipient: "functions.f", contentType: "json" }, "{}", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "the thinking's stop left out",
    steps: [
      { input: "<|channel|>analysis<|message|>think", events: [{ channel: "analysis" }, "think"] },
      { input: "<|start|>", events: [] },
      { input: "assistant", events: [] },
      { input: "<|channel|>final<|message|>Hi<|return|>", events: [OPEN, { channel: "final" }, "Hi", ENDED] },
    ],
    atEnd: [],
  },
  {
    name: "the thinking's stop and the start left out",
    steps: [
      { input: "<|channel|>analysis<|message|>think", events: [{ channel: "analysis" }, "think"] },
      { input: "<|channel|>final", events: [] },
      { input: "<|message|>Hi<|return|>", events: [OPEN, { channel: "final" }, "Hi", ENDED] },
    ],
    atEnd: [],
  },
  {
    name: "the thinking's stop left out before a call",
    steps: [
      {
        input: "<|channel|>analysis<|message|>think<|channel|>commentary to=functions.f json<|message|>{}<|call|>",
        events: [
          { channel: "analysis" },
          "think",
          OPEN,
          { channel: "commentary", recipient: "functions.f", contentType: "json" },
          "{}",
          ENDED,
        ],
      },
    ],
    atEnd: [],
  },
  {
    name: "the thinking's stop left out before a call by role",
    steps: [
      {
        input:
          "<|channel|>analysis<|message|>think<|start|>assistant to=functions.f<|channel|>commentary json<|message|>{}<|call|>",
        events: [
          { channel: "analysis" },
          "think",
          OPEN,
          { channel: "commentary", recipient: "functions.f", contentType: "json" },
          "{}",
          ENDED,
        ],
      },
    ],
    atEnd: [],
  },
  {
    name: "the answer twice",
    steps: [
      {
        input: "<|channel|>final<|message|>Hi<|end|><|start|>assistant<|channel|>final<|message|>Hi<|return|>",
        events: [{ channel: "final" }, "Hi", ENDED, { channel: "final" }, "Hi", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "thinking again behind the answer",
    steps: [
      {
        input:
          "<|channel|>final<|message|>Hi<|end|><|start|>assistant<|channel|>analysis<|message|>b<|end|><|start|>assistant<|channel|>final<|message|>Ho<|return|>",
        events: [
          { channel: "final" },
          "Hi",
          ENDED,
          { channel: "analysis" },
          "b",
          ENDED,
          { channel: "final" },
          "Ho",
          ENDED,
        ],
      },
    ],
    atEnd: [],
  },
  {
    name: "a user's turn made up",
    steps: [
      { input: "<|channel|>final<|message|>Hi<|end|><|start|>user", events: [{ channel: "final" }, "Hi", ENDED] },
      {
        input: "<|message|>Thanks<|end|><|start|>assistant<|channel|>final<|message|>Welcome<|return|>",
        events: [{ role: "user" }, "Thanks", ENDED, { channel: "final" }, "Welcome", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "a user's turn made up, the stop left out",
    steps: [
      {
        input: "<|channel|>final<|message|>Hi<|start|>user<|message|>Thanks<|end|>",
        events: [{ channel: "final" }, "Hi", OPEN, { role: "user" }, "Thanks", ENDED],
      },
    ],
    atEnd: [],
  },
];
