// The Vercel AI SDK, which asks by Chat Completions; it prints what the test compares as JSON.
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";

const provider = createOpenAICompatible({
  name: "local",
  baseURL: process.env.OPENAI_BASE_URL,
  apiKey: process.env.OPENAI_API_KEY,
});
const model = provider("gpt-oss");
const outputs = { "echo one$((1+1))": "one2", "echo three$((2+2))": "three4" };
const commands = [];
const shell = tool({
  description: "Runs a command",
  inputSchema: z.object({ command: z.string() }),
  execute: async ({ command }) => {
    commands.push(command);
    return outputs[command];
  },
});
const { text: plain } = await generateText({ model, prompt: "Hi" });
const stopWhen = stepCountIs(5);
const result = streamText({ model, prompt: "Use the TOOLS", tools: { shell }, stopWhen });
console.log(JSON.stringify({ plain, answer: await result.text, commands }));
