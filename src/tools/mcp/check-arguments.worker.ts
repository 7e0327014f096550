import { answerInWorker } from "../../platform/answer-in-worker.ts";
import { readSchema } from "../../inference/schema/read-schema.ts";
import { SchemaValidator } from "../../inference/schema/validator.ts";
import type { ArgumentsToCheck } from "./mcp-tools.ts";

/** The check that everything else has, in a thread for the patterns that can take for ever. */
await answerInWorker(({ schema, input }: ArgumentsToCheck) =>
  new SchemaValidator(readSchema(schema, "the schema")).problemOf(input),
);
