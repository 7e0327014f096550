import { Validator } from "@langchain/core/utils/json_schema";
import { answerInWorker } from "../../platform/run-in-worker.ts";
import type { ArgumentsToCheck } from "./checked-tool.ts";

/** The validator that LangChain has, with the same answers. */
await answerInWorker(({ schema, input }: ArgumentsToCheck) => {
  const { valid, errors } = new Validator(schema).validate(input);
  return valid ? undefined : errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`).join("; ");
});
