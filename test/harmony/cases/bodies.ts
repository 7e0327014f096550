import { type Case, ENDED, OPEN } from "../support/case.ts";

/** Text inside of messages, and text that is no message. */
export const bodyCases: readonly Case[] = [
  {
    name: "markers inside a body are text",
    steps: [
      {
        input: "<|channel|>final<|message|>Write <|message|> and <|constrain|>, ",
        events: [{ channel: "final" }, "Write <|message|> and <|constrain|>, "],
      },
      { input: "then <|start|> and <|channel|>x.<|return|>", events: ["then <|start|> and <|channel|>x.", ENDED] },
    ],
    atEnd: [],
  },
  {
    name: "markers in quotes are text",
    steps: [
      { input: "<|channel|>final<|message|>It begins with `", events: [{ channel: "final" }, "It begins with `"] },
      {
        input: "<|start|>assistant`, then `<|channel|>final`.<|return|>",
        events: ["<|start|>assistant`, then `<|channel|>final`.", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "an operator that looks like a marker",
    steps: [
      { input: "<|channel|>final<|message|>a <", events: [{ channel: "final" }, "a "] },
      { input: "| b <|x", events: ["<| b <|x"] },
      { input: "|> c<|return|>", events: ["|> c", ENDED] },
    ],
    atEnd: [],
  },
  {
    name: "other models' markers are text",
    steps: [
      {
        input: "<|channel|>final<|message|><|im_start|>user <|eot_id|><|return|>",
        events: [{ channel: "final" }, "<|im_start|>user <|eot_id|>", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "a marker cut at each character",
    steps: [
      { input: "<|channel|>final<|message|>a", events: [{ channel: "final" }, "a"] },
      { input: "<", events: [] },
      { input: "|", events: [] },
      { input: "r", events: [] },
      { input: "e", events: [] },
      { input: "t", events: [] },
      { input: "u", events: [] },
      { input: "r", events: [] },
      { input: "n", events: [] },
      { input: "|", events: [] },
      { input: ">", events: [ENDED] },
    ],
    atEnd: [],
  },
  {
    name: "an unfinished marker, then text",
    steps: [
      { input: "<|channel|>final<|message|>a<|retur", events: [{ channel: "final" }, "a"] },
      { input: "ned", events: ["<|returned"] },
    ],
    atEnd: [OPEN],
  },
  {
    name: "a marker's beginning at the end",
    steps: [{ input: "<|channel|>final<|message|>a<|ret", events: [{ channel: "final" }, "a"] }],
    atEnd: ["<|ret", OPEN],
  },
  {
    name: "half a marker before a whole one",
    steps: [
      { input: "<|channel|>final<|message|>a<|en", events: [{ channel: "final" }, "a"] },
      { input: "<|end|>", events: ["<|en", ENDED] },
    ],
    atEnd: [],
  },
  {
    name: "half a character at the end of a piece",
    steps: [
      { input: "<|channel|>final<|message|>\ud83d", events: [{ channel: "final" }, "\ud83d"] },
      { input: "\udc4b", events: ["\udc4b"] },
    ],
    atEnd: [OPEN],
  },
  {
    name: "white space is kept",
    steps: [
      {
        input: "<|channel|>final<|message|>\n\n  Hi \n<|return|>",
        events: [{ channel: "final" }, "\n\n  Hi \n", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "an empty body",
    steps: [
      {
        input: "<|channel|>analysis<|message|><|end|><|start|>assistant<|channel|>final<|message|><|return|>",
        events: [{ channel: "analysis" }, ENDED, { channel: "final" }, ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "no markup at all",
    steps: [
      { input: '{"ok"', events: [{}, '{"ok"'] },
      { input: ":true}", events: [":true}"] },
    ],
    atEnd: [OPEN],
  },
  {
    name: "no markup, a sentence",
    steps: [
      { input: "Hello ", events: [{}, "Hello "] },
      { input: "world", events: ["world"] },
    ],
    atEnd: [OPEN],
  },
  {
    name: "a refusal that ends in a stop",
    steps: [
      { input: "I must refuse", events: [{}, "I must refuse"] },
      { input: "<|end|>", events: [ENDED] },
    ],
    atEnd: [],
  },
  {
    name: "a sentence that begins with a channel's name",
    steps: [
      { input: "analysis of", events: [] },
      { input: " the data", events: [] },
      { input: " shows nothing", events: [] },
    ],
    atEnd: [{}, "analysis of the data shows nothing", OPEN],
  },
  {
    name: "a word of the format, and nothing else",
    steps: [{ input: "final", events: [] }],
    atEnd: [{}, "final", OPEN],
  },
  {
    name: "a lone angle bracket",
    steps: [{ input: "<", events: [] }],
    atEnd: [{}, "<", OPEN],
  },
  {
    name: "thinking only, which is no answer",
    steps: [
      { input: "<|channel|>analysis<|message|>only<|return|>", events: [{ channel: "analysis" }, "only", ENDED] },
    ],
    atEnd: [],
  },
  {
    name: "a preamble that looks like a call",
    steps: [
      {
        input: '<|channel|>commentary<|message|>{"city":"Tokyo"}<|end|>',
        events: [{ channel: "commentary" }, '{"city":"Tokyo"}', ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "going on inside a body",
    options: { promptEndsWith: "<|start|>assistant<|channel|>analysis<|message|>I was thinking" },
    steps: [
      { input: "and so on", events: [{ channel: "analysis" }, "and so on"] },
      {
        input: "<|end|><|start|>assistant<|channel|>final<|message|>Hi<|return|>",
        events: [ENDED, { channel: "final" }, "Hi", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "going on inside the answer",
    options: { promptEndsWith: "<|start|>assistant<|channel|>final<|message|>This is" },
    steps: [{ input: "it.<|return|>", events: [{ channel: "final" }, "it.", ENDED] }],
    atEnd: [],
  },
  {
    name: "going on inside a header",
    options: { promptEndsWith: "<|start|>assistant<|channel|>fin" },
    steps: [
      { input: "al<|message|>Hi", events: [{ channel: "final" }, "Hi"] },
      { input: "<|return|>", events: [ENDED] },
    ],
    atEnd: [],
  },
  {
    name: "nothing before",
    options: { promptEndsWith: "" },
    steps: [
      {
        input: "<|start|>assistant<|channel|>final<|message|>Hi<|return|>",
        events: [{ channel: "final" }, "Hi", ENDED],
      },
    ],
    atEnd: [],
  },
];
