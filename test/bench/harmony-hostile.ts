import { HarmonyParser, parseHarmony } from "../../src/harmony/index.ts";
import { inPieces } from "../harmony/support/cuttings.ts";
import { compareSpeeds, type Contender, type SpeedRow } from "./measure.ts";

/** Characters. */
const SIZES = [100_000, 10_000_000];

/** The parser's speed on hostile text as it grows: where the time is linear, the ratio stays near one. */
export function benchHostileHarmony(): Promise<readonly SpeedRow[]> {
  return Promise.resolve(hostile.flatMap(growing));
}

/** One hostile text in growing sizes, the smallest as the peer; whole, and in pieces of 4 characters. */
function growing({ what, begin = "", repeated }: Hostile): readonly SpeedRow[] {
  const texts = SIZES.map((size) => begin + repeated.repeat(size / repeated.length));
  const contenders = (how: string, run: (text: string) => unknown): readonly Contender[] =>
    texts.map((text) => ({
      what: `${what}, ${how}, ${text.length / 1e6} MB`,
      bytes: text.length,
      run: () => run(text),
    }));
  return [contenders("whole", parseHarmony), contenders("in 4s", (text) => stream(inPieces(text, 4)))].flatMap(
    ([smallest, ...others]) => (smallest === undefined ? [] : compareSpeeds(smallest, others, 1)),
  );
}

interface Hostile {
  readonly what: string;
  readonly begin?: string;
  readonly repeated: string;
}

const IN_BODY = "<|channel|>final<|message|>";
const hostile: readonly Hostile[] = [
  { what: "angle brackets", repeated: "<" },
  { what: "<| in a body", begin: IN_BODY, repeated: "<|" },
  { what: "<|start|>", repeated: "<|start|>" },
  { what: "<|start|> in a body", begin: IN_BODY, repeated: "<|start|>" },
  { what: "<|start|> a.b in a body", begin: IN_BODY, repeated: "<|start|> a.b" },
  { what: "<|channel|>", repeated: "<|channel|>" },
  { what: "<|channel|>x", repeated: "<|channel|>x" },
  { what: "<|constrain|>json", begin: "<|channel|>final", repeated: "<|constrain|>json " },
  { what: "to=f words in a header", begin: "<|channel|>analysis ", repeated: "to=f word " },
  { what: "assistant words", repeated: "assistant " },
  { what: "assistants glued", repeated: "assistant" },
  { what: "to=a words", repeated: "to=a " },
  { what: "spaces", repeated: " " },
  { what: "spaces in a header", begin: "<|channel|>analysis", repeated: " " },
  { what: "undecided", begin: "analysis of ", repeated: "assistant " },
  { what: "stripped", begin: "analysisWe", repeated: "assistantanalysis" },
  { what: "stripped, nearly glue", begin: "analysisWe", repeated: "assistantana " },
  { what: "stripped, then spaces", begin: "analysisWe.assistantfinal", repeated: " " },
  { what: "stops", repeated: "<|end|>" },
];

function stream(pieces: readonly string[]): void {
  const parser = new HarmonyParser();
  for (const piece of pieces) parser.push(piece);
  parser.end();
}
