import { schemas } from "./schemas.ts";

/** A request of /apply-template and /v1/chat/completions, as far as prompts depend on it. */
export interface ConversationRequest {
  readonly messages: readonly object[];
  readonly tools?: readonly object[];
  readonly reasoning_effort?: string;
  readonly chat_template_kwargs?: object;
}

export type NamedConversation = readonly [name: string, request: ConversationRequest];

export const user = (content: string) => ({ role: "user", content });
export const system = (content: string) => ({ role: "system", content });
export const answer = (content: string) => ({ role: "assistant", content });
export const result = (id: string, content: string) => ({ role: "tool", tool_call_id: id, content });

export function call(id: string, name: string, args: object, reasoning?: string): object {
  const tool_calls = [{ id, type: "function", function: { name, arguments: JSON.stringify(args) } }];
  return {
    role: "assistant",
    content: "",
    tool_calls,
    ...(reasoning !== undefined && { reasoning_content: reasoning }),
  };
}

export function tool(name: string, properties: object, required: readonly string[] = [], description = name): object {
  return { type: "function", function: { name, description, parameters: { type: "object", properties, required } } };
}

export const getWeather = tool(
  "get_weather",
  { city: { type: "string", description: "The city's name" } },
  ["city"],
  "The weather in a city",
);

const plain: readonly NamedConversation[] = [
  ["a question", { messages: [user("Hello")] }],
  ["instructions", { messages: [system("Answer briefly."), user("Hello")] }],
  ["instructions as the developer's", { messages: [{ role: "developer", content: "Answer briefly." }, user("Hello")] }],
  ["empty instructions", { messages: [system(""), user("Hello")] }],
  ["an empty question", { messages: [user("")] }],
  ["two turns", { messages: [user("My name is Ann."), answer("Nice to meet you."), user("What is my name?")] }],
  ["many turns", { messages: Array.from({ length: 9 }, (_, n) => (n % 2 === 0 ? user(`Q${n}`) : answer(`A${n}`))) }],
  ["two questions in a row", { messages: [user("One"), user("Two")] }],
  ["white space", { messages: [system("  a\n\n b "), user("\n\tHello \n")] }],
  ["quotes and markup", { messages: [user(`"quoted" 'single' <b> & \\n {{ braces }} {% x %}`)] }],
  ["angle brackets", { messages: [user("a < b | c > d <| |> <x|")] }],
  ["code", { messages: [user("```ts\nconst a = `${1}`;\n```")] }],
  ["past thinking", { messages: [user("Hi"), { ...answer("Hello"), reasoning_content: "A greeting." }, user("Bye")] }],
];

const japanese: readonly NamedConversation[] = [
  ["a question", { messages: [user("こんにちは")] }],
  ["instructions", { messages: [system("日本語で簡潔に答えてください。"), user("富士山の高さは？")] }],
  ["two turns", { messages: [user("私の名前は健太です。"), answer("はじめまして。"), user("私の名前は何ですか？")] }],
  ["wide characters and an emoji", { messages: [user("ｶﾀｶﾅ　全角スペース「」👨‍👩‍👧")] }],
  [
    "a tool",
    { messages: [user("東京の天気は？")], tools: [tool("天気", { 都市: { type: "string", description: "都市名" } })] },
  ],
];

const efforts: readonly NamedConversation[] = ["low", "medium", "high", "minimal"].map((effort) => [
  effort,
  { messages: [user("Hello")], reasoning_effort: effort },
]);

const keywords: readonly NamedConversation[] = [
  ["another identity", { messages: [user("Hi")], chat_template_kwargs: { model_identity: "You are Ann." } }],
  ["the browser", { messages: [user("Hi")], chat_template_kwargs: { builtin_tools: ["browser"] } }],
  ["Python", { messages: [user("Hi")], chat_template_kwargs: { builtin_tools: ["python"] } }],
  [
    "both, and functions",
    { messages: [user("Hi")], tools: [getWeather], chat_template_kwargs: { builtin_tools: ["browser", "python"] } },
  ],
];

const question = user("What is the weather in Tokyo?");
const tokyo = call("c1", "get_weather", { city: "Tokyo" }, "I need the tool.");
const loops: readonly NamedConversation[] = [
  ["a call and its result", { messages: [question, tokyo, result("c1", "Sunny")], tools: [getWeather] }],
  [
    "a call without thinking",
    { messages: [question, call("c1", "get_weather", { city: "Tokyo" }), result("c1", "Sunny")], tools: [getWeather] },
  ],
  [
    "two calls, one after the other",
    {
      messages: [
        question,
        tokyo,
        result("c1", "Sunny"),
        call("c2", "get_weather", { city: "Oslo" }, "And Oslo."),
        result("c2", "Rain"),
      ],
      tools: [getWeather],
    },
  ],
  [
    "an answer behind the call drops its thinking",
    { messages: [question, tokyo, result("c1", "Sunny"), answer("It is sunny."), user("Thanks")], tools: [getWeather] },
  ],
  [
    "a second loop behind an answer",
    {
      messages: [
        question,
        tokyo,
        result("c1", "Sunny"),
        answer("It is sunny."),
        user("And Oslo?"),
        call("c2", "get_weather", { city: "Oslo" }, "Oslo then."),
        result("c2", "Rain"),
      ],
      tools: [getWeather],
    },
  ],
  [
    "a result that is JSON",
    { messages: [question, tokyo, result("c1", '{"t": 21.5, "ok": true}')], tools: [getWeather] },
  ],
  ["a result of several lines", { messages: [question, tokyo, result("c1", 'a\n"b"\t\\c')], tools: [getWeather] }],
  ["a Japanese result", { messages: [question, tokyo, result("c1", "晴れ、21℃")], tools: [getWeather] }],
  ["an empty result", { messages: [question, tokyo, result("c1", "")], tools: [getWeather] }],
  [
    "nested arguments",
    {
      messages: [
        question,
        call("c1", "get_weather", {
          a: [1, 2.5, -1e21, true, null, "x"],
          b: { c: {}, d: [] },
          e: "日本 <b> & 'q' \"p\"",
        }),
        result("c1", "ok"),
      ],
      tools: [getWeather],
    },
  ],
  ["no arguments", { messages: [question, call("c1", "get_weather", {}), result("c1", "ok")], tools: [getWeather] }],
];

const shapes: readonly NamedConversation[] = schemas.map(({ name, properties, required }) => [
  name,
  { messages: [user("Hello")], tools: [tool("f", properties, required)] },
]);

const toolLists: readonly NamedConversation[] = [
  ["two tools", { messages: [user("Hi")], tools: [getWeather, tool("g", {})] }],
  ["tools and instructions", { messages: [system("Be brief."), user("Hi")], tools: [getWeather] }],
  [
    "no parameters",
    { messages: [user("Hi")], tools: [{ type: "function", function: { name: "f", description: "F" } }] },
  ],
  ["a description of several lines", { messages: [user("Hi")], tools: [tool("f", {}, [], "One.\nTwo.")] }],
];

const grouped = { plain, japanese, efforts, keywords, loops, shapes, toolLists };

/** Conversations that gpt-oss's own template can express. */
export const conversations: readonly NamedConversation[] = Object.entries(grouped).flatMap(([group, named]) =>
  named.map(([name, request]): NamedConversation => [`${group}: ${name}`, request]),
);
