import { type Case, ENDED } from "../support/case.ts";

/** Recipients, names of tools and arguments. */
export const callCases: readonly Case[] = [
  {
    name: "a call by the book",
    steps: [
      { input: "<|channel|>commentary to=functions.get_weather <|constrain|>json", events: [] },
      {
        input: '<|message|>{"city":',
        events: [{ channel: "commentary", recipient: "functions.get_weather", contentType: "json" }, '{"city":'],
      },
      { input: '"Tokyo"}', events: ['"Tokyo"}'] },
      { input: "<|call|>", events: [ENDED] },
    ],
    atEnd: [],
  },
  {
    name: "a call by the book, as history has it",
    steps: [
      {
        input: "to=functions.get_weather<|channel|>commentary <|constrain|>json<|message|>{}<|call|>",
        events: [{ channel: "commentary", recipient: "functions.get_weather", contentType: "json" }, "{}", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "a recipient without a namespace",
    steps: [
      {
        input: '<|channel|>commentary to=math.sum<|message|>{"a":1}<|call|>',
        events: [{ channel: "commentary", recipient: "math.sum" }, '{"a":1}', ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "a recipient in quotes",
    steps: [
      {
        input: '<|channel|>commentary to="functions.f" json<|message|>{}<|call|>',
        events: [{ channel: "commentary", recipient: "functions.f", contentType: "json" }, "{}", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "a recipient with its arguments glued on",
    steps: [
      {
        input: '<|channel|>commentary to=functions.f{"a":1}<|call|>',
        events: [{ channel: "commentary", recipient: "functions.f" }, '{"a":1}', ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "a content type glued to a known tool",
    options: { tools: ["shell"] },
    steps: [
      {
        input: "<|channel|>commentary to=functions.shelljson<|message|>{}<|call|>",
        events: [{ channel: "commentary", recipient: "functions.shell", contentType: "json" }, "{}", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "the same for a tool that nobody knows",
    steps: [
      {
        input: "<|channel|>commentary to=functions.shelljson<|message|>{}<|call|>",
        events: [{ channel: "commentary", recipient: "functions.shelljson" }, "{}", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "a tool whose name ends in json",
    options: { tools: ["to", "to_json"] },
    steps: [
      {
        input: "<|channel|>commentary to=functions.to_json<|message|>{}<|call|>",
        events: [{ channel: "commentary", recipient: "functions.to_json" }, "{}", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "two content types",
    steps: [
      {
        input: "<|channel|>commentary to=functions.bash code json<|message|>ls<|call|>",
        events: [{ channel: "commentary", recipient: "functions.bash", contentType: "code" }, "ls", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "a name without to=",
    steps: [
      {
        input: "<|channel|>commentary functions.f <|constrain|>json<|message|>{}<|call|>",
        events: [{ channel: "commentary", recipient: "functions.f", contentType: "json" }, "{}", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "a space behind to=",
    steps: [
      {
        input: "<|channel|>commentary to= functions.f<|message|>{}<|call|>",
        events: [{ channel: "commentary", recipient: "functions.f" }, "{}", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "no body marker in a call",
    steps: [
      {
        input: '<|channel|>commentary to=functions.f json {"a":1}<|call|>',
        events: [{ channel: "commentary", recipient: "functions.f", contentType: "json" }, '{"a":1}', ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "no body marker and no arguments",
    steps: [
      {
        input: "<|channel|>commentary to=functions.f<|call|>",
        events: [{ channel: "commentary", recipient: "functions.f" }, ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "no arguments",
    steps: [
      {
        input: "<|channel|>commentary to=functions.f <|constrain|>json<|message|><|call|>",
        events: [{ channel: "commentary", recipient: "functions.f", contentType: "json" }, ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "arguments that are no JSON",
    steps: [
      {
        input: "<|channel|>commentary to=functions.f <|constrain|>json<|message|>{'a': 1<|call|>",
        events: [{ channel: "commentary", recipient: "functions.f", contentType: "json" }, "{'a': 1", ENDED],
      },
    ],
    atEnd: [],
  },
  {
    name: "Python as arguments",
    steps: [
      {
        input: '<|channel|>analysis to=python code<|message|>print("<|x|>")<|call|>',
        events: [{ channel: "analysis", recipient: "python", contentType: "code" }, 'print("<|x|>")', ENDED],
      },
    ],
    atEnd: [],
  },
];
