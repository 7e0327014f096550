import { z } from "zod";
import type { ToolChoice, ToolDefinition } from "../inference/messages.ts";
import { invalidRequest } from "./api-error.ts";

/** A tool as its client knows it. */
export interface OfferedTool {
  readonly kind: "function" | "custom";
  readonly name: string;
  /** The group that a Responses client put it in. */
  readonly namespace?: string | undefined;
}

export interface ToolOffer extends OfferedTool {
  readonly description?: string | null | undefined;
  /** JSON Schema of a function's arguments. */
  readonly parameters?: unknown;
  /** The form of a custom tool's input, in words: a grammar that the model should follow. */
  readonly inputForm?: string | undefined;
}

/** The one argument of the function that represents a custom tool. */
const INPUT = "input";
const MAX_NAME_LENGTH = 128;

/**
 * The tools of one request. The model knows functions only: a custom tool becomes a function with one string, a tool of a namespace a
 * function whose name contains both. Names come back as the client wrote them.
 */
export class OfferedTools {
  readonly #definitions = new Map<string, ToolDefinition>();
  readonly #tools = new Map<string, OfferedTool>();

  get definitions(): ToolDefinition[] {
    return [...this.#definitions.values()];
  }

  get isEmpty(): boolean {
    return this.#tools.size === 0;
  }

  /** The first of two tools with the same name counts. */
  add(offer: ToolOffer): void {
    const { kind, name, namespace, description, parameters } = offer;
    if (this.#find(name, namespace) !== undefined) return;
    const modelName = this.#freeName(modelNameOf(name, namespace));
    this.#tools.set(modelName, { kind, name, namespace });
    this.#definitions.set(modelName, {
      name: modelName,
      description: kind === "custom" ? customDescription(offer) : (description ?? undefined),
      parameters: kind === "custom" ? CUSTOM_PARAMETERS : (parameters ?? undefined),
    });
  }

  /** Leaves only the tools that a client allows for this request. */
  keepOnly(names: ReadonlySet<string>): void {
    for (const [modelName, { name }] of this.#tools) {
      if (names.has(name)) continue;
      this.#tools.delete(modelName);
      this.#definitions.delete(modelName);
    }
  }

  /** The client's tool for a name that the model wrote. A name that was not offered stays as it is. */
  toolOf(modelName: string): OfferedTool {
    return this.#tools.get(modelName) ?? { kind: "function", name: modelName };
  }

  /** The name by which the model knows a tool, also for calls of tools that are no longer offered. */
  modelNameOf(name: string, namespace?: string | null): string {
    return this.#find(name, namespace ?? undefined) ?? modelNameOf(name, namespace ?? undefined);
  }

  /** @throws ApiError for a tool that is not offered */
  choiceOf(name: string, param = "tool_choice"): ToolChoice {
    const modelName = this.#find(name) ?? [...this.#tools].find(([, tool]) => tool.name === name)?.[0];
    if (modelName !== undefined) return { name: modelName };
    throw invalidRequest(`The tool ${JSON.stringify(name)} is not among the tools of the request.`, param);
  }

  /** @throws ApiError when the request offers no tool */
  requiredChoice(param = "tool_choice"): ToolChoice {
    if (!this.isEmpty) return "required";
    throw invalidRequest("A tool call is required, but the request offers no tool that the model can call.", param);
  }

  #find(name: string, namespace?: string): string | undefined {
    return [...this.#tools].find(([, tool]) => tool.name === name && tool.namespace === namespace)?.[0];
  }

  #freeName(name: string): string {
    if (!this.#tools.has(name)) return name;
    for (let number = 2; ; number++) if (!this.#tools.has(`${name}_${number}`)) return `${name}_${number}`;
  }
}

/** Control characters, quotes and what may belong to a marker do not pass through harmony's header; anything else does. */
function modelNameOf(name: string, namespace: string | undefined): string {
  const whole = namespace === undefined ? name : `${namespace.replace(/_+$/, "")}__${name}`;
  return whole.replaceAll(/[\p{C}\p{Z}<>|"\\]/gu, (sign) => (sign === " " ? sign : "_")).slice(0, MAX_NAME_LENGTH);
}

const CUSTOM_PARAMETERS = {
  type: "object",
  properties: { [INPUT]: { type: "string", description: "The whole input of the tool, as plain text." } },
  required: [INPUT],
  additionalProperties: false,
};

function customDescription({ description, inputForm }: ToolOffer): string | undefined {
  const parts = [description, inputForm === undefined ? undefined : `The input follows this grammar:\n${inputForm}`];
  const given = parts.filter((part) => part !== undefined && part !== null && part !== "");
  return given.length === 0 ? undefined : given.join("\n\n");
}

const grammarSchema = z.union([
  z.looseObject({ definition: z.string() }).transform(({ definition }) => definition),
  z.looseObject({ grammar: z.looseObject({ definition: z.string() }) }).transform(({ grammar }) => grammar.definition),
]);

/** The grammar that a custom tool asks for. */
export function grammarOf(format: unknown): string | undefined {
  return grammarSchema.safeParse(format).data;
}

/** A custom tool's input as the arguments of its function. */
export function customArguments(input: string): string {
  return JSON.stringify({ [INPUT]: input });
}

const customArgumentsSchema = z.union([
  z.looseObject({ [INPUT]: z.string() }).transform((given) => given[INPUT]),
  z.string(),
]);

/** What a model wrote for a custom tool: the one string, or the text itself where it wrote no JSON. */
export function customInput(written: string): string {
  try {
    const input = customArgumentsSchema.safeParse(JSON.parse(written)).data;
    return typeof input === "string" ? input : written;
  } catch {
    return written; // the input itself, as models write patches
  }
}
