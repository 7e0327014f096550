import { type Case, ENDED, OPEN } from "../support/case.ts";

/** Calls in odd places, several of them, and results that the model makes up. */
export const resultCases: readonly Case[] = [
  {
    name: "a call on the thinking's channel",
    steps: [
      {
        input: "<|channel|>analysis to=functions.f json<|message|>{}<|end|>",
        events: [{ channel: "analysis", recipient: "functions.f", contentType: "json" }, "{}", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "a call on the answer's channel",
    steps: [
      {
        input: "<|channel|>final to=functions.f json<|message|>{}<|return|>",
        events: [{ channel: "final", recipient: "functions.f", contentType: "json" }, "{}", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "two calls in a row",
    steps: [
      {
        input:
          '<|channel|>commentary to=functions.f json<|message|>{"a":1}<|call|><|start|>assistant<|channel|>commentary to=functions.f json<|message|>{"a":1}<|call|>',
        events: [
          { channel: "commentary", recipient: "functions.f", contentType: "json" },
          '{"a":1}',
          ENDED,
          { channel: "commentary", recipient: "functions.f", contentType: "json" },
          '{"a":1}',
          ENDED,
        ],
      },
    ],
    atEnd: [],
  },
  {
    name: "two calls, no start",
    steps: [
      {
        input:
          "<|channel|>commentary to=functions.f json<|message|>{}<|call|><|channel|>commentary to=functions.g json<|message|>{}<|call|>",
        events: [
          { channel: "commentary", recipient: "functions.f", contentType: "json" },
          "{}",
          ENDED,
          { channel: "commentary", recipient: "functions.g", contentType: "json" },
          "{}",
          ENDED,
        ],
      },
    ],
    atEnd: [],
  },
  {
    name: "two calls, no stop",
    steps: [
      {
        input:
          "<|channel|>commentary to=functions.f json<|message|>{}<|start|>assistant<|channel|>commentary to=functions.g json<|message|>{}<|call|>",
        events: [
          { channel: "commentary", recipient: "functions.f", contentType: "json" },
          "{}",
          OPEN,
          { channel: "commentary", recipient: "functions.g", contentType: "json" },
          "{}",
          ENDED,
        ],
      },
    ],
    atEnd: [],
  },
  {
    name: "a preamble, then a call",
    steps: [
      {
        input:
          "<|channel|>commentary<|message|>Let me look.<|end|><|start|>assistant<|channel|>commentary to=functions.f json<|message|>{}<|call|>",
        events: [
          { channel: "commentary" },
          "Let me look.",
          ENDED,
          { channel: "commentary", recipient: "functions.f", contentType: "json" },
          "{}",
          ENDED,
        ],
      },
    ],
    atEnd: [],
  },
  {
    name: "commentary to everybody",
    steps: [
      {
        input: "<|channel|>commentary to=all<|message|>hi<|end|>",
        events: [{ channel: "commentary", recipient: "all" }, "hi", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "a tool's result made up",
    steps: [
      {
        input: "<|channel|>commentary to=functions.f json<|message|>{}<|call|><|start|>functions.f to=assistant",
        events: [{ channel: "commentary", recipient: "functions.f", contentType: "json" }, "{}", ENDED],
      },
      {
        input: "<|channel|>commentary<|message|>42<|end|><|start|>assistant<|channel|>final<|message|>Hi<|return|>",
        events: [
          { role: "tool", name: "functions.f", channel: "commentary", recipient: "assistant" },
          "42",
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
    name: "a tool's result made up, no stop",
    steps: [
      {
        input:
          "<|channel|>commentary to=functions.f json<|message|>{}<|start|>functions.f to=assistant<|channel|>commentary<|message|>42<|end|>",
        events: [
          { channel: "commentary", recipient: "functions.f", contentType: "json" },
          "{}",
          OPEN,
          { role: "tool", name: "functions.f", channel: "commentary", recipient: "assistant" },
          "42",
          ENDED,
        ],
      },
    ],
    atEnd: [],
  },
  {
    name: "a tool's result without start",
    steps: [
      {
        input:
          "<|channel|>commentary to=functions.f json<|message|>{}<|call|>functions.f to=assistant<|channel|>commentary<|message|>42<|end|>",
        events: [
          { channel: "commentary", recipient: "functions.f", contentType: "json" },
          "{}",
          ENDED,
          { role: "tool", name: "functions.f", channel: "commentary", recipient: "assistant" },
          "42",
          ENDED,
        ],
      },
    ],
    atEnd: [],
  },
  {
    name: "a built-in that was not offered",
    steps: [
      {
        input: '<|channel|>commentary to=repo_browser.open_file code<|message|>{"path":"a"}<|call|>',
        events: [
          { channel: "commentary", recipient: "repo_browser.open_file", contentType: "code" },
          '{"path":"a"}',
          ENDED,
        ],
      },
    ],
    atEnd: [],
  },
  {
    name: "a call, and thinking without a stop before",
    steps: [
      {
        input:
          "<|channel|>analysis<|message|>hm<|start|>assistant to=browser.search<|channel|>analysis code<|message|>{}<|call|>",
        events: [
          { channel: "analysis" },
          "hm",
          OPEN,
          { channel: "analysis", recipient: "browser.search", contentType: "code" },
          "{}",
          ENDED,
        ],
      },
    ],
    atEnd: [],
  },
];
