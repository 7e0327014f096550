import { type Case, ENDED } from "../support/case.ts";

/** Channels and roles that the format does not have, and those it has in the wrong place. */
export const channelCases: readonly Case[] = [
  {
    name: "a mistyped channel",
    steps: [
      { input: "<|channel|>finalx<|message|>Hi", events: [{ channel: "final" }, "Hi"] },
      { input: "<|return|>", events: [ENDED] },
    ],
    atEnd: [],
  },
  {
    name: "an unknown channel",
    steps: [
      {
        input: "<|channel|>thinking<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>Hi<|return|>",
        events: [{ channel: "thinking" }, "hm", ENDED, { channel: "final" }, "Hi", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "question marks behind the channel",
    steps: [
      {
        input: "<|channel|>commentary?<|message|>x<|end|><|start|>assistant<|channel|>final<|message|>Hi<|return|>",
        events: [{ channel: "commentary" }, "x", ENDED, { channel: "final" }, "Hi", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "question marks for a channel, and no body",
    steps: [
      {
        input: "<|channel|>??<|end|><|start|>assistant<|channel|>final<|message|>Hi<|return|>",
        events: [{ channel: "??" }, ENDED, { channel: "final" }, "Hi", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "free text for a channel",
    steps: [
      {
        input: "<|channel|>We need to think.<|end|><|start|>assistant<|channel|>final<|message|>Hi<|return|>",
        events: [{ channel: "We" }, "need to think.", ENDED, { channel: "final" }, "Hi", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "two channels, a call on the second",
    steps: [
      { input: "<|channel|>analysis<|channel|>commentary to=functions.f <|constrain|>json", events: [] },
      {
        input: "<|message|>{}<|call|>",
        events: [{ channel: "commentary", recipient: "functions.f", contentType: "json" }, "{}", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "the recipient on the first of two channels",
    steps: [
      {
        input: "<|channel|>analysis to=functions.f<|channel|>commentary<|message|>{}<|call|>",
        events: [{ channel: "commentary", recipient: "functions.f" }, "{}", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "three channels in a row",
    steps: [
      {
        input: "<|channel|>commentary<|channel|>analysis<|channel|>final<|message|>Hi<|return|>",
        events: [{ channel: "final" }, "Hi", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "a channel run together with another",
    steps: [
      { input: "<|channel|>commentaryanalysis<|message|>a<|end|>", events: [{ channel: "analysis" }, "a", ENDED] },
    ],
    atEnd: [],
  },
  {
    name: "the recipient before the channel",
    steps: [
      { input: "to=functions.f<|channel|>commentary json", events: [] },
      {
        input: "<|message|>{}<|call|>",
        events: [{ channel: "commentary", recipient: "functions.f", contentType: "json" }, "{}", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "commentary to the assistant before the thinking",
    steps: [
      {
        input:
          "<|channel|>commentary to=assistant<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>Hi<|return|>",
        events: [{ channel: "analysis" }, "a", ENDED, { channel: "final" }, "Hi", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "the role glued to the channel",
    steps: [{ input: "<|channel|>assistantfinal<|message|>Hi<|return|>", events: [{ channel: "final" }, "Hi", ENDED] }],
    atEnd: [],
  },
  {
    name: "an empty channel",
    steps: [{ input: "<|channel|><|message|>Hello<|return|>", events: [{}, "Hello", ENDED] }],
    atEnd: [],
  },
  {
    name: "an empty channel with a recipient",
    steps: [
      { input: "<|channel|> to=functions.f<|message|>{}<|call|>", events: [{ recipient: "functions.f" }, "{}", ENDED] },
    ],
    atEnd: [],
  },
  {
    name: "no channel",
    steps: [
      { input: "<|message|>", events: [{}] },
      { input: "Hello<|return|>", events: ["Hello", ENDED] },
    ],
    atEnd: [],
  },
  {
    name: "dashes before the channel",
    steps: [
      {
        input: "<|channel|>––commentary json to=functions.f<|message|>{}<|call|>",
        events: [{ channel: "commentary", recipient: "functions.f", contentType: "json" }, "{}", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "an endless line of words",
    steps: [
      {
        input: "<|channel|>analysis one two three<|message|>a<|end|>",
        events: [{ channel: "analysis", contentType: "one" }, "a", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "spaces around everything",
    steps: [{ input: "<|channel|> final \n<|message|> Hi <|end|>", events: [{ channel: "final" }, " Hi ", ENDED] }],
    atEnd: [],
  },
  {
    name: "a role that is a tool's name",
    steps: [
      {
        input:
          "<|channel|>analysis<|message|>a<|end|><|start|>bash<|message|>ls<|end|><|start|>assistant<|channel|>final<|message|>Hi<|return|>",
        events: [
          { channel: "analysis" },
          "a",
          ENDED,
          { role: "tool", name: "bash" },
          "ls",
          ENDED,
          { channel: "final" },
          "Hi",
          ENDED,
        ],
      },
    ],
    atEnd: [],
  },
  {
    name: "the role twice",
    steps: [
      {
        input:
          "<|channel|>analysis<|message|>a<|end|><|start|>assistantassistant<|channel|>final<|message|>Hi<|return|>",
        events: [{ channel: "analysis" }, "a", ENDED, { channel: "final" }, "Hi", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "the start twice",
    steps: [
      {
        input:
          "<|channel|>analysis<|message|>a<|end|><|start|><|start|>assistant<|channel|>final<|message|>Hi<|return|>",
        events: [{ channel: "analysis" }, "a", ENDED, { channel: "final" }, "Hi", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "a channel for a role",
    steps: [
      { input: "<|channel|>analysis<|message|>a<|end|><|start|>final", events: [{ channel: "analysis" }, "a", ENDED] },
      { input: "<|message|>Hi<|return|>", events: [{ channel: "final" }, "Hi", ENDED] },
    ],
    atEnd: [],
  },
  {
    name: "no role",
    steps: [
      {
        input: "<|channel|>analysis<|message|>a<|end|><|start|><|channel|>final<|message|>Hi<|return|>",
        events: [{ channel: "analysis" }, "a", ENDED, { channel: "final" }, "Hi", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "a role with a name",
    steps: [
      { input: "<|start|>assistant:anna", events: [] },
      { input: "<|channel|>final<|message|>Hi<|return|>", events: [{ name: "anna", channel: "final" }, "Hi", ENDED] },
    ],
    atEnd: [],
  },
  {
    name: "the prompt's role repeated",
    steps: [
      { input: "<|start|>assistant", events: [] },
      { input: "<|channel|>final<|message|>Hi<|return|>", events: [{ channel: "final" }, "Hi", ENDED] },
    ],
    atEnd: [],
  },
];
