import { HumanMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { expect } from "@jest/globals";
import { z } from "zod";
import { joined, type StandardFields, type StandardTest } from "./standard-test.ts";

const person = z.object({ name: z.string(), age: z.number().int() }).describe("A person");
const personTool = tool((given) => JSON.stringify(given), {
  name: "save_person",
  description: "Saves a person",
  schema: person,
});
const STANDARD_FIELDS: StandardFields = { temperature: 0, maxTokens: 100, timeout: 60_000, stop: [], maxRetries: 2 };

/** What LangChain's standard unit tests cover. No request is sent. */
export const UNIT_TESTS: readonly StandardTest[] = [
  {
    name: "is created with the standard fields",
    run: async ({ create }) => {
      await Promise.resolve(expect(create(STANDARD_FIELDS)).toMatchObject({ temperature: 0, maxTokens: 100 }));
    },
  },
  {
    name: "is created with an API key",
    run: async ({ create }) => {
      await Promise.resolve(expect(create({ ...STANDARD_FIELDS, apiKey: "key" })).toBeDefined());
    },
  },
  {
    name: "is created with `streaming`",
    run: async ({ create }) => {
      await Promise.resolve(expect(create({ ...STANDARD_FIELDS, streaming: true }).streaming).toBe(true));
    },
  },
  {
    name: "binds tools",
    run: async ({ create }) => {
      await Promise.resolve(expect(create(STANDARD_FIELDS).bindTools([personTool])).toBeDefined());
    },
  },
  {
    name: "takes a schema for structured output",
    run: async ({ create }) => {
      await Promise.resolve(expect(create(STANDARD_FIELDS).withStructuredOutput(person)).toBeDefined());
    },
  },
  {
    name: "tells LangSmith the standard parameters",
    run: async ({ create }) => {
      const model = create({ ...STANDARD_FIELDS, stop: ["."] });
      const told = model.getLsParams({ stop: ["."] });
      const standard = { ls_model_type: "chat", ls_temperature: 0, ls_max_tokens: 100, ls_stop: ["."] };
      await Promise.resolve(
        expect(told).toMatchObject({
          ...standard,
          ls_provider: expect.stringMatching(/./),
          ls_model_name: expect.stringMatching(/./),
        }),
      );
    },
  },
  {
    name: "`invoke` throws when its signal has aborted already",
    run: async ({ create }) => {
      const asked = create(STANDARD_FIELDS).invoke([new HumanMessage("Hello")], { signal: AbortSignal.abort() });
      await expect(asked).rejects.toThrow(/./);
    },
  },
  {
    name: "`stream` gives nothing when its signal has aborted already",
    run: async ({ create }) => {
      const asking = async () =>
        await joined(await create(STANDARD_FIELDS).stream("Hello", { signal: AbortSignal.abort() }));
      await expect(asking()).rejects.toThrow(/./);
    },
  },
];
