import { answerInWorker } from "../../platform/run-in-worker.ts";
import { readSchema } from "../../model/json-schema/read-schema.ts";
import { SchemaValidator } from "../../model/json-schema/validator.ts";
import type { ArgumentsToCheck } from "./checked-tool.ts";

/** The check that everything else has, in a thread for the patterns that can take for ever. */
await answerInWorker(({ schema, input }: ArgumentsToCheck) =>
  new SchemaValidator(readSchema(schema, "the schema")).problemOf(input),
);
