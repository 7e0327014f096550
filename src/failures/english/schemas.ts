import type { Entries, Reasons } from "../catalogue.ts";

/** What can be wrong with a JSON Schema or with an answer that has to fit one. */
export const schemas = {
  unusableSchema: (subject: string, pointer: string, reason: string) => ({
    code: "usage",
    message: `${subject} cannot be used: at ${pointer}, ${reason}.`,
    hint: "Correct the schema; the model was not called.",
  }),
  outputCutByMaxTokens: () => ({
    code: "model-failed",
    message: "The answer was cut at max_tokens before its JSON was complete.",
    hint: "Allow more tokens with maxTokens.",
  }),
  outputCutByContext: () => ({
    code: "model-failed",
    message: "The context was full before the JSON of the answer was complete.",
    hint: "Shorten the conversation, or start a server with a larger --context.",
  }),
} satisfies Entries;

export const schemaReasons = {
  answerSchema: () => "The response schema",
  toolSchema: (tool: string) => `The schema of the tool "${tool}"`,
  checkSchema: () => "The schema of the json check",
  schemaEmptyList: (keyword: string) => `"${keyword}" is an empty list`,
  schemaWrongValue: (keyword: string) => `"${keyword}" has a value that JSON Schema does not allow`,
  schemaBadPattern: (keyword: string, pattern: string) => `"${keyword}" is not a regular expression (${pattern})`,
  schemaDangling: (keyword: string, target: string) => `"${keyword}" points to ${target}, which does not exist`,
  schemaCycle: (target: string) => `"$ref" to ${target} leads back to itself and never ends`,
  schemaNothing: (one: string, other: string) => `"${one}" and "${other}" exclude every value`,
  schemaImpossible: (keyword: string) => `"${keyword}" excludes every value`,
  schemaUnsupported: (keyword: string) => `"${keyword}" is not supported`,
  schemaNotSchema: () => "a schema must be an object, true or false",
  schemaNoObject: () => `"type" must allow an object`,
  schemaTooLarge: () => "the schema is too large",
} satisfies Reasons;
