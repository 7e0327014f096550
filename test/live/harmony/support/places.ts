import { answer, call, type ConversationRequest, getWeather, result, system, tool, user } from "./conversations.ts";

const question = user("Hello");
const asked = call("c1", "get_weather", { city: "Tokyo" });

function withSchema(schema: object): ConversationRequest {
  return { messages: [question], tools: [tool("f", { a: schema }, ["a"])] };
}

/** Every place of a request that a text can come to, with what is written there. */
export const places: Readonly<Record<string, (text: string) => ConversationRequest>> = {
  "the user's text": (text) => ({ messages: [user(text)] }),
  "two texts of the user": (text) => ({ messages: [user(text), user(text)] }),
  "the parts of a text": (text) => ({
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text },
          { type: "text", text },
        ],
      },
    ],
  }),
  instructions: (text) => ({ messages: [system(text), question] }),
  "later instructions": (text) => ({ messages: [question, system(text), question] }),
  "a past answer": (text) => ({ messages: [question, answer(text), question] }),
  "past thinking": (text) => ({ messages: [question, { ...asked, reasoning_content: text }, result("c1", "ok")] }),
  "a tool's result": (text) => ({ messages: [question, asked, result("c1", text)] }),
  "a tool's name": (text) => ({ messages: [question], tools: [tool(text, {})] }),
  "a tool's description": (text) => ({ messages: [question], tools: [tool("f", {}, [], text)] }),
  "a parameter's name": (text) => ({ messages: [question], tools: [tool("f", { [text]: { type: "string" } })] }),
  "a parameter's description": (text) => withSchema({ type: "string", description: text }),
  "a parameter's default": (text) => withSchema({ type: "string", default: text }),
  "an enum": (text) => withSchema({ type: "string", enum: [text, text], default: text }),
  "a type": (text) => withSchema({ type: [text, text] }),
  "a schema inside of a schema": (text) =>
    withSchema({ type: "object", properties: { [text]: { type: "string", enum: [text] } } }),
  "one schema of several": (text) =>
    withSchema({ oneOf: [{ type: "string", description: text, default: text }, { type: "number" }], default: text }),
  "a call's arguments": (text) => ({
    messages: [question, call("c1", "f", { [text]: text, list: [text] }), result("c1", "ok")],
  }),
  "a call's name": (text) => ({ messages: [question, call("c1", text, {}), result("c1", "ok")], tools: [getWeather] }),
  "the user's name": (text) => ({
    messages: [{ ...question, name: text }],
    chat_template_kwargs: { names: true },
  }),
  "the model's identity": (text) => ({ messages: [question], chat_template_kwargs: { model_identity: text } }),
  "an answer that goes on": (text) => ({
    messages: [question],
    chat_template_kwargs: { continue_from: { channel: "final", text, analysis: text } },
  }),
};
