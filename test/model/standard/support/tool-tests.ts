import { AIMessage, type BaseMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { RunnableLambda } from "@langchain/core/runnables";
import { tool } from "@langchain/core/tools";
import { expect } from "@jest/globals";
import { z } from "zod";
import { expectAnswer, expectCall, joined, OptionsRecorder, type StandardTest } from "./standard-test.ts";

/** The tools that the demo model knows. */
const expressionSchema = z.object({ expression: z.string().describe("The expression, such as 2 + 3.") });
const calculator = tool(({ expression }) => (expression === "12 + 30" ? "42" : "unknown"), {
  name: "calculator",
  description: "Work out an arithmetic expression.",
  schema: expressionSchema,
});
const citySchema = z.object({ city: z.string().describe("The city to look up.") });
const weatherTool = tool(({ city }) => `sunny, 21 degrees (${city})`, {
  name: "get_weather",
  description: "Get the current weather in a city.",
  schema: citySchema,
});
const timeTool = tool(({ city }) => `12:00 (${city})`, {
  name: "get_current_time",
  description: "Get the current time in a city.",
  schema: citySchema,
});
const SUM = { expression: "12 + 30" };
const SUM_CALL = { id: "call-1", type: "tool_call", name: "calculator", args: SUM } as const;
const sumPrompt = ChatPromptTemplate.fromMessages([
  ["system", "You are a helpful assistant."],
  ["human", "What is {sum}?"],
]);
const serviceSchema = z.object({
  decision: z.enum(["UseAPI", "UseFallback"]),
  explanation: z.string().max(40),
  apiDetails: z.object({ serviceName: z.string().max(40), parameters: z.record(z.string(), z.unknown()) }),
});
const SERVICE_CALL = {
  decision: "UseAPI",
  explanation: "fast",
  apiDetails: { serviceName: "One", parameters: { limit: 3 } },
};
const personSchema = z.object({ name: z.string(), age: z.number().int() }).describe("A person");
const ALICE = "Extract JSON: Alice is 30 years old.";

/** What LangChain's standard integration tests cover with tools and schemas. */
export const TOOL_TESTS: readonly StandardTest[] = [
  {
    name: "calls a tool",
    run: async ({ create }) => {
      expectCall(await create().bindTools([calculator]).invoke("What is 12 + 30?"), "calculator", SUM);
    },
  },
  {
    name: "calls a runnable that was made a tool",
    run: async ({ create }) => {
      const { name, description, schema } = calculator;
      const runnable = RunnableLambda.from(() => undefined).asTool({ name, description, schema });
      const chain = sumPrompt.pipe(create().bindTools([runnable]));
      expectCall(await chain.invoke({ sum: "12 + 30" }), "calculator", SUM);
    },
  },
  {
    name: "calls a tool in OpenAI's format",
    run: async ({ create }) => {
      const { name, description } = calculator;
      const parameters = z.toJSONSchema(expressionSchema) as Record<string, unknown>;
      const definition = { type: "function", function: { name, description, parameters } };
      const chain = sumPrompt.pipe(create().bindTools([definition]));
      expectCall(await chain.invoke({ sum: "12 + 30" }), "calculator", SUM);
    },
  },
  {
    name: "calls a tool that is only described",
    run: async ({ create }) => {
      const { name, description, schema } = weatherTool;
      const model = create().bindTools([{ name, description, schema }]);
      expectCall(await model.invoke("What is the weather in Lima?"), "get_weather", { city: "Lima" });
    },
  },
  {
    name: "streams a call",
    run: async ({ create }) => {
      const stream = await create().bindTools([weatherTool]).stream("What is the weather in Lima?");
      expectCall(await joined(stream), "get_weather", { city: "Lima" });
    },
  },
  {
    name: "streams a call with its tokens",
    run: async ({ create }) => {
      const whole = await joined(await sumPrompt.pipe(create().bindTools([calculator])).stream({ sum: "12 + 30" }));
      expectCall(whole, "calculator", SUM);
      expect(whole.usage_metadata?.input_tokens).toBeGreaterThan(0);
      expect(whole.usage_metadata?.output_tokens).toBeGreaterThan(0);
    },
  },
  {
    name: "answers after a tool's result",
    run: async ({ create }) => {
      const messages = [
        new HumanMessage("What is 12 + 30?"),
        new AIMessage({ content: "", tool_calls: [SUM_CALL] }),
        new ToolMessage({ content: "42", tool_call_id: SUM_CALL.id, name: SUM_CALL.name }),
      ];
      expectAnswer(await create().bindTools([calculator]).invoke(messages));
    },
  },
  {
    name: "answers after a call in blocks of content",
    run: async ({ create }) => {
      const { id, name, args: input } = SUM_CALL;
      const content = [
        { type: "text", text: "I will add them." },
        { type: "tool_use", id, name, input },
      ];
      const messages = [
        new HumanMessage("What is 12 + 30?"),
        new AIMessage({ content, tool_calls: [SUM_CALL] }),
        new ToolMessage({ content: "42", tool_call_id: id, name }),
      ];
      expectAnswer(await create().bindTools([calculator]).invoke(messages));
    },
  },
  {
    name: "answers after examples with calls",
    run: async ({ create }) => {
      const messages = [
        new HumanMessage("What is 12 + 30?"),
        new AIMessage({ content: "", tool_calls: [SUM_CALL] }),
        new ToolMessage({ content: "42", tool_call_id: SUM_CALL.id, name: SUM_CALL.name }),
        new AIMessage("The tool says: 42"),
        new HumanMessage("What is 5 + 40?"),
      ];
      expectCall(await create().bindTools([calculator]).invoke(messages), "calculator", { expression: "5 + 40" });
    },
  },
  {
    name: "uses its own call in a conversation",
    run: async ({ create }) => {
      const model = create().bindTools([weatherTool]);
      await expectLoop((messages) => model.invoke(messages));
    },
  },
  {
    name: "uses its own streamed call in a conversation",
    run: async ({ create }) => {
      const model = create().bindTools([weatherTool]);
      await expectLoop(async (messages) => await joined(await model.stream(messages)));
    },
  },
  {
    name: "makes several calls at once, and answers after their results",
    run: async ({ create, callsInParallel }) => {
      const model = create().bindTools([weatherTool, timeTool]);
      const question = 'Call get_weather with {"city": "Lima"} and get_current_time with {"city": "Lima"}';
      const names = ["get_weather", "get_current_time"];
      let calling = new AIMessage({
        content: "",
        tool_calls: names.map((name) => ({ id: name, type: "tool_call", name, args: { city: "Lima" } })),
      });
      if (callsInParallel) {
        calling = await model.invoke(question);
        const streamed = await joined(await model.stream(question));
        for (const { tool_calls: calls = [] } of [calling, streamed]) {
          expect(calls.map(({ name }) => name)).toEqual(names);
          expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
        }
      }
      const results = (calling.tool_calls ?? []).map(
        ({ id = "", name }) => new ToolMessage({ tool_call_id: id, name, content: `sunny, 12:00 (${name})` }),
      );
      const answer = await model.invoke([new HumanMessage(question), calling, ...results]);
      expect(answer.tool_calls).toEqual([]);
      expectAnswer(answer);
    },
  },
  {
    name: "writes an object of a schema, and tells tracers the schema",
    run: async ({ create }) => {
      const recorder = new OptionsRecorder();
      const model = create().withStructuredOutput<Record<string, unknown>>(personSchema, { name: "person" });
      expect(await model.invoke(ALICE, { callbacks: [recorder] })).toEqual({ name: "Alice", age: 30 });
      expectTracedSchema(recorder);
    },
  },
  {
    name: "writes an object of a schema beside its message",
    run: async ({ create }) => {
      const recorder = new OptionsRecorder();
      const model = create().withStructuredOutput(personSchema, { name: "person", includeRaw: true });
      const { raw, parsed } = await model.invoke(ALICE, { callbacks: [recorder] });
      expect(AIMessage.isInstance(raw)).toBe(true);
      expect(parsed).toEqual({ name: "Alice", age: 30 });
      expectTracedSchema(recorder);
    },
  },
  {
    name: "writes nested objects with free keys",
    run: async ({ create }) => {
      const model = create().withStructuredOutput<z.infer<typeof serviceSchema>>(serviceSchema, {
        name: "service_tool",
        method: "functionCalling",
      });
      const { decision, apiDetails } = await model.invoke(`Call service_tool with ${JSON.stringify(SERVICE_CALL)}`);
      expect(serviceSchema.shape.decision.options).toContain(decision);
      expect(typeof apiDetails.parameters).toBe("object");
    },
  },
];

async function expectLoop(ask: (messages: BaseMessage[]) => Promise<AIMessage>): Promise<void> {
  const messages: BaseMessage[] = [new HumanMessage("What is the weather in Lima?")];
  const calling = await ask(messages);
  expectCall(calling, "get_weather", { city: "Lima" });
  const [call] = calling.tool_calls ?? [];
  const content = "sunny, 21 degrees";
  messages.push(calling, new ToolMessage({ tool_call_id: call?.id ?? "", name: "get_weather", content }));
  expectAnswer(await ask(messages));
}

function expectTracedSchema({ options }: OptionsRecorder): void {
  expect(options["ls_structured_output_format"]).toMatchObject({
    kwargs: { method: expect.stringMatching(/./) },
    schema: { type: "object", properties: { name: expect.anything(), age: expect.anything() } },
  });
}
