import { answer, call, getWeather, type NamedConversation, result, system, tool, user } from "./conversations.ts";

const question = user("What is the weather in Tokyo and in Oslo?");
const asked = (id: string, city: string) => ({
  id,
  type: "function",
  function: { name: "get_weather", arguments: JSON.stringify({ city }) },
});

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
];
