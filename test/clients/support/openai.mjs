// The openai SDK, with Chat Completions and with Responses; it prints what the test compares as JSON.
import OpenAI from "openai";

const client = new OpenAI();
const model = "gpt-oss";
const parameters = { type: "object", properties: { command: { type: "string" } }, required: ["command"] };
const outputs = { "echo one$((1+1))": "one2", "echo three$((2+2))": "three4" };
const commands = [];
const execute = (written) => {
  const { command } = JSON.parse(written);
  commands.push(command);
  return outputs[command];
};

async function byChatCompletions() {
  const hi = await client.chat.completions.create({ model, messages: [{ role: "user", content: "Hi" }] });
  const messages = [{ role: "user", content: "Use the TOOLS" }];
  const tools = [{ type: "function", function: { name: "shell", parameters } }];
  for (;;) {
    const runner = client.chat.completions.stream({ model, messages, tools });
    const { message } = (await runner.finalChatCompletion()).choices[0];
    messages.push(message);
    if (!message.tool_calls?.length) return { plain: hi.choices[0].message.content, answer: message.content };
    for (const call of message.tool_calls) {
      messages.push({ role: "tool", tool_call_id: call.id, content: execute(call.function.arguments) });
    }
  }
}

async function byResponses() {
  const hi = await client.responses.create({ model, input: "Hi" });
  const input = [{ role: "user", content: "Use the TOOLS" }];
  const tools = [{ type: "function", name: "shell", parameters, strict: false }];
  for (;;) {
    const { output, output_text: text } = await client.responses.stream({ model, input, tools }).finalResponse();
    input.push(...output);
    const calls = output.filter(({ type }) => type === "function_call");
    if (calls.length === 0) return { plain: hi.output_text, answer: text };
    for (const { call_id, arguments: written } of calls) {
      input.push({ type: "function_call_output", call_id, output: execute(written) });
    }
  }
}

const first = await byChatCompletions();
const chatCommands = commands.splice(0);
const second = await byResponses();
if (JSON.stringify([first, chatCommands]) !== JSON.stringify([second, commands])) {
  throw new Error(JSON.stringify({ first, chatCommands, second, commands }));
}
console.log(JSON.stringify({ ...second, commands }));
