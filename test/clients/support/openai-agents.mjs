// OpenAI's Agents SDK, which asks by Responses; it prints what the test compares as JSON.
import { Agent, run, setTracingDisabled, tool } from "@openai/agents";
import { z } from "zod";

setTracingDisabled(true);
const outputs = { "echo one$((1+1))": "one2", "echo three$((2+2))": "three4" };
const commands = [];
const shell = tool({
  name: "shell",
  description: "Runs a command",
  parameters: z.object({ command: z.string() }),
  execute: ({ command }) => {
    commands.push(command);
    return outputs[command];
  },
});
const agent = new Agent({ name: "tester", model: "gpt-oss", tools: [shell] });
const plain = (await run(agent, "Hi")).finalOutput;
const stream = await run(agent, "Use the TOOLS", { stream: true });
await stream.completed;
console.log(JSON.stringify({ plain, commands, answer: stream.finalOutput }));
