import {
  DynamicStructuredTool,
  type DynamicStructuredToolInput,
  ToolInputParsingException,
} from "@langchain/core/tools";
import type { JSONSchema } from "@langchain/core/utils/json_schema";
import { z } from "zod";
import { readSchema } from "../../model/json-schema/read-schema.ts";
import { SchemaValidator } from "../../model/json-schema/validator.ts";
import { runInWorker, WorkerStoppedError } from "../../platform/run-in-worker.ts";
import { cutToBudget } from "../budget.ts";
import { ToolFailure } from "../failure.ts";

export interface ArgumentsToCheck {
  readonly schema: JSONSchema;
  readonly input: unknown;
}

const CHECK_MS = 2_000;
const MESSAGE_BYTES = 1_000;
/** Keywords whose values become regular expressions, which can take for ever on some texts. */
const PATTERNS = new Set(["pattern", "patternProperties", "format"]);

/** For LangChain's own check, which does not know every dialect of patterns. */
const ANY_OBJECT = { type: "object" } as const;

type Call = DynamicStructuredTool["call"];

/** A tool whose schema was written by somebody else: the model sees the schema, and a thread that can be ended checks arguments by it. */
export class CheckedTool extends DynamicStructuredTool {
  readonly #unchecked: DynamicStructuredTool;
  readonly #foreign: JSONSchema;

  constructor(fields: DynamicStructuredToolInput<JSONSchema>) {
    super(fields);
    this.#foreign = fields.schema;
    this.#unchecked = new DynamicStructuredTool({ ...fields, schema: ANY_OBJECT });
  }

  override async call(...[input, config, tags]: Parameters<Call>): ReturnType<Call> {
    // `invoke` calls it, and it alone knows the arguments before they are checked
    const signal = config !== undefined && "signal" in config ? config.signal : undefined;
    const problem = await problemOf({ schema: this.#foreign, input }, signal);
    if (problem !== undefined) throw new ToolInputParsingException(problem, JSON.stringify(input));
    // oxlint-disable-next-line typescript/no-deprecated
    return await this.#unchecked.call(input, config, tags);
  }
}

/** Undefined when the arguments fit. */
async function problemOf(work: ArgumentsToCheck, signal: AbortSignal | undefined): Promise<string | undefined> {
  if (!hasPatterns(work.schema))
    return sayProblem(new SchemaValidator(readSchema(work.schema, "the schema")).problemOf(work.input));
  try {
    const options = { timeLimitMs: CHECK_MS, signal };
    const answer = await runInWorker("src/tools/mcp/check-arguments.worker.ts", work, options);
    return sayProblem(z.string().optional().parse(answer));
  } catch (error) {
    if (!(error instanceof WorkerStoppedError)) throw error;
    throw new ToolFailure("The arguments can't be checked: a pattern of this tool's schema takes too long on them.", {
      cause: error,
    });
  }
}

function sayProblem(problem: string | undefined): string | undefined {
  return problem && cutToBudget(`The arguments do not fit: ${problem}`, MESSAGE_BYTES);
}

function hasPatterns(schema: unknown): boolean {
  if (typeof schema !== "object" || schema === null) return false;
  return Object.entries(schema).some(([name, inner]) => PATTERNS.has(name) || hasPatterns(inner));
}
