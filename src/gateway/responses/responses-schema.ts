import { z } from "zod";
import { maxTokensSchema, optionalInteger, optionalNumber, optionalText, stopSchema } from "../request-fields.ts";
import { inputItemSchema } from "./input-items.ts";

export interface ToolInput {
  readonly type: string;
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly parameters?: unknown;
  readonly format?: unknown;
  readonly tools?: readonly ToolInput[] | null | undefined;
}

const toolSchema: z.ZodType<ToolInput> = z.looseObject({
  type: z.string(),
  name: optionalText,
  description: optionalText,
  parameters: z.unknown().optional(),
  format: z.unknown().optional(),
  /** Of a namespace. */
  get tools() {
    return z.array(toolSchema).nullish();
  },
});

export const responsesRequestSchema = z.looseObject({
  input: z.union([z.string(), z.array(inputItemSchema)]),
  instructions: optionalText,
  stream: z.boolean().nullish(),
  tools: z.array(toolSchema).nullish(),
  tool_choice: z
    .union([
      z.string(),
      z.looseObject({
        type: z.string(),
        name: optionalText,
        mode: optionalText,
        tools: z.array(z.looseObject({ name: optionalText })).nullish(),
      }),
    ])
    .nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  reasoning: z.looseObject({ effort: optionalText, summary: z.unknown().optional() }).nullish(),
  text: z
    .looseObject({
      format: z
        .looseObject({
          type: z.string(),
          name: optionalText,
          description: optionalText,
          schema: z.unknown().optional(),
        })
        .nullish(),
    })
    .nullish(),
  max_output_tokens: maxTokensSchema,
  temperature: optionalNumber,
  top_p: optionalNumber,
  top_k: optionalNumber,
  min_p: optionalNumber,
  seed: optionalInteger,
  stop: stopSchema,
  frequency_penalty: optionalNumber,
  presence_penalty: optionalNumber,
  previous_response_id: optionalText,
  conversation: z.unknown().optional(),
  prompt: z.unknown().optional(),
  background: z.boolean().nullish(),
  metadata: z.unknown().optional(),
  user: optionalText,
});
export type ResponsesRequest = z.output<typeof responsesRequestSchema>;
