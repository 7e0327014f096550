import { BROWSER_NAMESPACE, type HarmonyNamespace, PYTHON_NAMESPACE } from "../../../../src/harmony/index.ts";
import { answer, call, getWeather, type NamedConversation, result, system, tool, user } from "./conversations.ts";

const question = user("What is the weather in Tokyo and in Oslo?");
const asked = (id: string, city: string) => ({
  id,
  type: "function",
  function: { name: "get_weather", arguments: JSON.stringify({ city }) },
});

const container: HarmonyNamespace = {
  name: "container",
  description: "Container tools.\nOf two lines.",
  functions: [
    {
      name: "exec",
      description: "Runs a command.\nIts output is returned.",
      parameters: {
        type: "object",
        properties: {
          command: { type: "array", items: { type: "string" }, description: "For execvp." },
          timeout: { type: ["number", "string"], default: 60 },
          shell: { type: "boolean", default: false },
        },
        required: ["command"],
      },
    },
    { name: "reset" },
  ],
};
const python = (id: string, code: string, reasoning?: string) => {
  const tool_calls = [{ id, type: "function", function: { name: "python", arguments: code } }];
  return { role: "assistant", content: "", tool_calls, ...(reasoning && { reasoning_content: reasoning }) };
};
const NATIVE = {
  namespaces: [PYTHON_NAMESPACE, container],
  recipients: { python: "python", container_exec: "container.exec" },
};

/** Conversations that our chat template writes and the model's own does not, or writes wrong, or refuses. */
export const additions: readonly NamedConversation[] = [
  ["a later system message", { messages: [user("Hi"), answer("Hello"), system("Answer in French."), user("Bye")] }],
  ["a later developer message", { messages: [user("Hi"), { role: "developer", content: "Be brief." }, user("Bye")] }],
  [
    "two calls in one message",
    {
      messages: [
        question,
        {
          role: "assistant",
          content: "",
          reasoning_content: "Both.",
          tool_calls: [asked("c1", "Tokyo"), asked("c2", "Oslo")],
        },
        result("c1", "Sunny"),
        result("c2", "Rain"),
      ],
      tools: [getWeather],
    },
  ],
  [
    "results of two tools in another order",
    {
      messages: [
        question,
        {
          role: "assistant",
          content: "",
          tool_calls: [
            asked("c1", "Tokyo"),
            { id: "c2", type: "function", function: { name: "get_time", arguments: "{}" } },
          ],
        },
        result("c2", "noon"),
        result("c1", "Sunny"),
      ],
      tools: [getWeather, tool("get_time", {})],
    },
  ],
  ["names", { messages: [{ ...user("Hi"), name: "ann" }, answer("Hello"), { ...user("Bye"), name: "bob" }] }],
  [
    "numbers of many digits",
    {
      messages: [user("Where?"), call("c1", "f", { latitude: 35.6894875, big: 123456789.125 }), result("c1", "ok")],
      tools: [tool("f", { latitude: { type: "number" } })],
    },
  ],
  ["an array without items", { messages: [user("Hi")], tools: [tool("f", { a: { type: "array", nullable: true } })] }],
  ["an enum with null", { messages: [user("Hi")], tools: [tool("f", { a: { type: "string", enum: ["x", null] } })] }],
  ["an empty list of types", { messages: [user("Hi")], tools: [tool("f", { a: { type: [] } })] }],
  [
    "a tool without a description",
    { messages: [user("Hi")], tools: [{ type: "function", function: { name: "f", parameters: { type: "object" } } }] },
  ],
  ["namespaces", { messages: [user("Hi")], chat_template_kwargs: NATIVE }],
  [
    "namespaces beside built-in tools and functions",
    {
      messages: [user("Hi")],
      tools: [getWeather],
      chat_template_kwargs: { ...NATIVE, namespaces: [container], builtin_tools: ["browser"] },
    },
  ],
  ["the browser as a namespace", { messages: [user("Hi")], chat_template_kwargs: { namespaces: [BROWSER_NAMESPACE] } }],
  [
    "calls of native tools and of a function",
    {
      messages: [
        question,
        python("c1", 'print("1 < 2")\n# 猫', "Compute."),
        result("c1", '"quoted"\n'),
        call("c2", "container_exec", { command: ["ls"] }),
        result("c2", "a\nb"),
        call("c3", "get_weather", { city: "Oslo" }),
        result("c3", "Rain"),
      ],
      tools: [getWeather],
      chat_template_kwargs: NATIVE,
    },
  ],
];
