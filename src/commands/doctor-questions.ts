/** The fixed set of questions that `doctor --report` asks, in the wire's own words. */

export interface Question {
  readonly title: string;
  /** Body of a POST to /v1/chat/completions, without sampling and limits. */
  readonly request: Readonly<Record<string, unknown>> & { readonly tools?: readonly (typeof WEATHER_TOOL)[] };
  /** What the answer has to be for the report to call it right. */
  readonly expected: "final" | "thought" | "tool-call" | "json" | "secret";
}

const user = (content: string) => ({ role: "user", content });

export const WEATHER_TOOL = {
  type: "function",
  function: {
    name: "get_weather",
    description: "Get the current weather in a city.",
    parameters: {
      type: "object",
      properties: { city: { type: "string", description: "The city to look up." } },
      required: ["city"],
    },
  },
} as const;

export const WEATHER_QUESTION = user("What is the weather in Tokyo?");

const PERSON_SCHEMA_GRAMMAR = String.raw`root ::= (<|channel|> "analysis" <|message|> !<|end|>* <|end|> <|start|> "assistant")? <|channel|> "final" <|message|> object
object ::= "{" space "\"name\":" space string "," space "\"age\":" space number space "}"
string ::= "\"" [^"\\]* "\""
number ::= [0-9]+
space ::= [ \n]*`;

const PUZZLE = user("A farmer has 17 sheep. All but 9 run away. How many are left?");

/** What the long question is filled with. */
export const FILLER = "The quick brown fox jumps over the lazy dog again. ";

/**
 * @param contextSize tokens of one conversation; the long question fills half of it, with at most 8,000
 * @param fillerTokens tokens of FILLER, which every model counts in its own way
 */
export function questionsFor(contextSize: number, fillerTokens: number): readonly Question[] {
  const filler = FILLER.repeat(Math.ceil(Math.min(8_000, contextSize / 2) / fillerTokens));
  return [
    { title: "Plain", request: { messages: [user("Hello")], reasoning_effort: "low" }, expected: "final" },
    ...(["low", "medium", "high"] as const).map((effort): Question => ({
      title: `Thinking, effort ${effort}`,
      request: { messages: [PUZZLE], reasoning_effort: effort },
      expected: effort === "low" ? "final" : "thought",
    })),
    { title: "Japanese", request: { messages: [user("こんにちは")], reasoning_effort: "medium" }, expected: "final" },
    {
      title: "Tool call",
      request: { messages: [WEATHER_QUESTION], tools: [WEATHER_TOOL], reasoning_effort: "medium" },
      expected: "tool-call",
    },
    {
      title: "Structured output (held by a grammar)",
      request: { messages: [user("Extract JSON: Alice is 30 years old.")], grammar: PERSON_SCHEMA_GRAMMAR },
      expected: "json",
    },
    {
      title: "Long context",
      request: { messages: [user(`My name is Alice.\n\n${filler}\n\nWhat is my name?`)], reasoning_effort: "medium" },
      expected: "secret",
    },
  ];
}
