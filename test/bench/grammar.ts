import { z } from "zod";
import { constraintOf, shapeOf } from "../../src/inference/constraint.ts";
import type { ToolDefinition } from "../../src/inference/messages.ts";
import { packageFile } from "../../src/platform/folders.ts";
import { standInFile } from "../full-size/stand-in-file.ts";
import { SMALL_SIZE } from "../full-size/stand-in.ts";
import { type LiveServer, startLiveServer } from "../live/support/live-server.ts";
import { OWN_SERVER } from "../support/chat-model.ts";
import { type Comparison, compareRounds } from "./comparison.ts";
import { median } from "./measure.ts";

export interface GrammarRow {
  readonly model: string;
  readonly what: string;
  readonly tools: number;
  /** Kilobytes of the grammar. */
  readonly kB: number;
  /** Milliseconds that it takes to write the grammar. */
  readonly "written in ms": number;
  /** Tokens a second with the grammar and without, the medians of the rounds. */
  readonly with: number;
  readonly without: number;
  /** With divided by without, in the same round: the median, the least and the most. */
  readonly ratio: number;
  readonly "ratio from": number;
  readonly "ratio to": number;
  readonly rounds: number;
}

const replySchema = z.object({ timings: z.object({ predicted_n: z.number(), predicted_per_second: z.number() }) });

/** What a request with tools costs: the same prompt, with the grammar for tools and without, as the server itself measures it. */
export async function benchGrammar(): Promise<{ rows: readonly GrammarRow[]; comparisons: readonly Comparison[] }> {
  const models = [
    { model: "demo", path: packageFile("setup/demo-model/demo.gguf"), rounds: 25, tokens: 400 },
    { model: "201,088 tokens", path: standInFile(SMALL_SIZE), rounds: 5, tokens: 30 },
  ];
  const rows: GrammarRow[] = [];
  const comparisons: Comparison[] = [];
  for (const { model, path, rounds, tokens } of models) {
    const server = await startLiveServer({ model: path, contextSize: 16_384 });
    try {
      for (const tools of [toolsOf(2), toolsOf(24)]) {
        for (const [what, sampling] of Object.entries(SAMPLINGS)) {
          const measured = await measure(server, { tools, sampling, rounds, tokens });
          const { own, bare, ...grammar } = measured;
          const compared = compareRounds(
            `tokens/s with a grammar for ${tools.length} tools, ${what}, ${model}`,
            "no grammar",
            own,
            bare,
          );
          comparisons.push(compared);
          const { ratio, from, to } = compared;
          rows.push({
            model,
            what,
            tools: tools.length,
            ...grammar,
            with: median(own),
            without: median(bare),
            ratio,
            "ratio from": from,
            "ratio to": to,
            rounds,
          });
        }
      }
    } finally {
      await server.stop();
    }
  }
  return { rows, comparisons };
}

/** A token that the grammar refuses is chosen once more, with the whole vocabulary held against the grammar. */
const SAMPLINGS = {
  "likeliest tokens": { temperature: 0 },
  "temperature 1": { temperature: 1, top_p: 1, top_k: 0, min_p: 0 },
} as const;

interface MeasureOptions {
  readonly tools: readonly ToolDefinition[];
  readonly sampling: (typeof SAMPLINGS)[keyof typeof SAMPLINGS];
  readonly rounds: number;
  readonly tokens: number;
}

async function measure(server: LiveServer, { tools, sampling, rounds, tokens }: MeasureOptions) {
  const begin = performance.now();
  const constraint = constraintOf(shapeOf({ tools }), OWN_SERVER);
  const milliseconds = performance.now() - begin;
  const without = constraintOf(shapeOf({ tools }), OWN_SERVER, { toolGrammar: false });
  const question = { messages: [{ role: "user", content: "Count to 100." }], max_tokens: tokens, ...sampling };
  const speed = async (fields: object, seed: number) => {
    const { timings } = replySchema.parse(await server.post("/v1/chat/completions", { ...question, ...fields, seed }));
    return timings.predicted_per_second;
  };
  const own: number[] = [];
  const bare: number[] = [];
  // the first round reads the prompt
  for (let round = -1; round < rounds; round++) {
    const [withGrammar, alone] = [await speed(constraint, round + 1), await speed(without, round + 1)];
    if (round < 0) continue;
    own.push(withGrammar);
    bare.push(alone);
  }
  const bytes = Buffer.byteLength(String(constraint["grammar"]));
  return { kB: Math.round(bytes / 1_000), "written in ms": Math.round(milliseconds), own, bare };
}

/** Tools with what the schemas of agents have: texts, numbers with bounds, enums, lists and objects. */
function toolsOf(count: number): readonly ToolDefinition[] {
  return Array.from({ length: count }, (_, number) => ({
    name: `tool_${number}`,
    description: `Tool number ${number}.`,
    parameters: {
      type: "object",
      properties: {
        path: { type: "string", description: "A path." },
        [`limit_${number}`]: { type: "integer", minimum: 1, maximum: 1_000 },
        mode: { enum: ["content", "files", `count_${number}`] },
        edits: {
          type: "array",
          items: {
            type: "object",
            properties: { old: { type: "string" }, new: { type: "string" }, all: { type: "boolean" } },
            required: ["old", "new"],
            additionalProperties: false,
          },
        },
      },
      required: ["path"],
      additionalProperties: false,
    },
  }));
}
