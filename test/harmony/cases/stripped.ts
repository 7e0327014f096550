import { type Case, ENDED, OPEN } from "../support/case.ts";

/** Text whose control tokens someone has removed. */
export const strippedCases: readonly Case[] = [
  {
    name: "thinking and an answer",
    steps: [
      { input: "analysisWe need to answer.", events: [{ channel: "analysis" }, "We need to answer."] },
      { input: "assistant", events: [] },
      { input: "final", events: [OPEN] },
      { input: "Hello", events: [{ channel: "final" }, "Hello"] },
    ],
    atEnd: [OPEN],
  },
  {
    name: "thinking in small letters",
    steps: [
      { input: "analysiswe need.", events: [] },
      { input: "assistantfinalHi", events: [{ channel: "analysis" }, "we need.", OPEN, { channel: "final" }, "Hi"] },
    ],
    atEnd: [OPEN],
  },
  {
    name: "line breaks at the joints",
    steps: [
      {
        input: "analysis\nWe need.\nassistantfinal\nHello",
        events: [{ channel: "analysis" }, "We need.", OPEN, { channel: "final" }, "Hello"],
      },
    ],
    atEnd: [OPEN],
  },
  {
    name: "only an answer",
    steps: [
      { input: "final", events: [] },
      { input: "Hello", events: [{ channel: "final" }, "Hello"] },
    ],
    atEnd: [OPEN],
  },
  {
    name: "only an answer, in Japanese",
    steps: [{ input: "finalこんにちは", events: [{ channel: "final" }, "こんにちは"] }],
    atEnd: [OPEN],
  },
  {
    name: "thinking and an answer, in Japanese",
    steps: [
      {
        input: "analysis日本語で答える。assistantfinalこんにちは",
        events: [{ channel: "analysis" }, "日本語で答える。", OPEN, { channel: "final" }, "こんにちは"],
      },
    ],
    atEnd: [OPEN],
  },
  {
    name: "a call",
    steps: [
      {
        input: 'analysisLook.assistantcommentary to=functions.f json{"a":1}',
        events: [
          { channel: "analysis" },
          "Look.",
          OPEN,
          { channel: "commentary", recipient: "functions.f", contentType: "json" },
          '{"a":1}',
        ],
      },
    ],
    atEnd: [OPEN],
  },
  {
    name: "a call with everything glued",
    steps: [
      {
        input: 'analysisLook.assistantcommentary to=functions.fjson{"a":1}assistantfinalDone',
        events: [
          { channel: "analysis" },
          "Look.",
          OPEN,
          { channel: "commentary", recipient: "functions.f", contentType: "json" },
          '{"a":1}',
          OPEN,
          { channel: "final" },
          "Done",
        ],
      },
    ],
    atEnd: [OPEN],
  },
  {
    name: "thinking twice",
    steps: [
      {
        input: "analysisOne.assistantanalysisTwo.assistantfinalHi",
        events: [
          { channel: "analysis" },
          "One.",
          OPEN,
          { channel: "analysis" },
          "Two.",
          OPEN,
          { channel: "final" },
          "Hi",
        ],
      },
    ],
    atEnd: [OPEN],
  },
  {
    name: "the role first",
    steps: [
      {
        input: "assistantanalysisWe need.assistantfinalHi",
        events: [{ channel: "analysis" }, "We need.", OPEN, { channel: "final" }, "Hi"],
      },
    ],
    atEnd: [OPEN],
  },
  {
    name: "glue in the middle of a sentence",
    steps: [{ input: "The assistantfinal thing", events: [{}, "The assistantfinal thing"] }],
    atEnd: [OPEN],
  },
  {
    name: "a beginning that goes on as a word",
    steps: [
      { input: "finals are ", events: [] },
      { input: "over", events: [] },
    ],
    atEnd: [{}, "finals are over", OPEN],
  },
  {
    name: "stripped at first, then a marker",
    steps: [
      {
        input: "analysisWe need.<|end|><|start|>assistant<|channel|>final<|message|>Hi<|return|>",
        events: [{ channel: "analysis" }, "We need.", ENDED, { channel: "final" }, "Hi", ENDED],
      },
    ],
    atEnd: [],
  },
];
