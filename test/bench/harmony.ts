import { encode } from "gpt-tokenizer/encoding/o200k_harmony";
import { HarmonyParser, neutralizeControlTokens, parseHarmony } from "../../src/harmony/index.ts";
import { TOKENS } from "../../src/harmony/tokens.ts";
import { bodyText, Choices } from "../harmony/support/conversations.ts";
import { inPieces } from "../harmony/support/cuttings.ts";
import { loadOfficialCore, type OfficialCore } from "../harmony/support/official.ts";
import { compareSpeeds, type Contender, type SpeedRow } from "./measure.ts";

/** Characters of a text that is measured. */
const SIZE = 1_000_000;
/** The growing sizes that hostile text is measured in: the speed has to stay. */
const HOSTILE_SIZES = [100_000, 1_000_000, 10_000_000];

/**
 * The parser beside OpenAI's own pipeline on the same completion, and the speed on hostile text as it grows: ratios in a block of
 * the same text tell whether the time is linear.
 */
export async function benchHarmony(): Promise<readonly SpeedRow[]> {
  const core = await loadOfficialCore();
  const text = completionOf(SIZE, 1_100);
  const { ids, pieces } = inTokens(core, text);
  const bytes = Buffer.byteLength(text);
  const four = inPieces(text, 4);
  const beside = compareSpeeds(
    { what: "official: tokenizer and WASM parser", bytes, run: () => officialPipeline(core, text) },
    [
      { what: "official: WASM parser alone, tokens given", bytes, run: () => officialParser(core, ids) },
      { what: "ours: whole", bytes, run: () => parseHarmony(text) },
      { what: "ours: pieces of a token", bytes, run: () => stream(pieces) },
      { what: "ours: pieces of 4 characters", bytes, run: () => stream(four) },
    ],
  );
  return [...beside, ...hostile.flatMap(growing)];
}

/** One hostile text in growing sizes, the smallest as the peer; whole, and in pieces of 4 characters. */
function growing({ what, begin = "", repeated }: Hostile): readonly SpeedRow[] {
  const texts = HOSTILE_SIZES.map((size) => begin + repeated.repeat(size / repeated.length));
  const contenders = (how: string, run: (text: string) => unknown): readonly Contender[] =>
    texts.map((text) => ({
      what: `${what}, ${how}, ${text.length / 1e6} MB`,
      bytes: text.length,
      run: () => run(text),
    }));
  return [contenders("whole", parseHarmony), contenders("in 4s", (text) => stream(inPieces(text, 4)))].flatMap(
    ([smallest, ...others]) => (smallest === undefined ? [] : compareSpeeds(smallest, others, 3)),
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
  { what: "stops", repeated: "<|end|>" },
];

/** A completion with thinking and answers whose bodies have about so many characters. */
function completionOf(size: number, bodySize: number): string {
  const choices = new Choices(1);
  const messages: string[] = [];
  for (let length = 0; length < size; length += messages.at(-1)?.length ?? 0) {
    let body = "";
    while (body.length < bodySize) body += ` ${bodyText(choices, 30)}`;
    messages.push(`<|channel|>${messages.length % 2 === 0 ? "analysis" : "final"}<|message|>${neutralizeControlTokens(body)}<|end|>`);
  }
  return messages.join("<|start|>assistant");
}

/** The official parser takes tokens: a text is split into them, by the faster of the tokenizers, and each one's text is read. */
function officialPipeline(core: OfficialCore, text: string): number {
  return officialParser(core, tokenize(core, text));
}

/** The tokenizer knows a control token only at the very beginning of a text, so these are put in by hand. */
function tokenize(core: OfficialCore, text: string): Uint32Array {
  const control = Object.values(TOKENS).map((token) => [token, core.encode(token)[0] ?? 0] as const);
  const idOf = new Map<string, number>(control);
  const pieces = text.split(/(<\|(?:start|end|message|channel|constrain|return|call)\|>)/);
  return Uint32Array.from(pieces.flatMap((piece) => idOf.get(piece) ?? encode(piece)));
}

function officialParser(core: OfficialCore, tokens: Uint32Array): number {
  const parser = core.stream();
  let length = 0;
  for (const token of tokens) {
    parser.process(token);
    length += parser.lastContentDelta?.length ?? 0;
  }
  parser.free();
  return length;
}

function stream(pieces: readonly string[]): number {
  const parser = new HarmonyParser();
  let length = 0;
  for (const piece of pieces) {
    for (const event of parser.push(piece)) if (event.type === "content-delta") length += event.text.length;
  }
  return length + parser.end().length;
}

/** The text as a server would send it: a piece a token, of which a character may take several. */
function inTokens(core: OfficialCore, text: string): { readonly ids: Uint32Array; readonly pieces: readonly string[] } {
  const ids = tokenize(core, text);
  const decoder = new TextDecoder();
  const pieces = Array.from(ids, (id) => decoder.decode(core.bytesOf(id), { stream: true }));
  return { ids, pieces: pieces.filter((piece) => piece !== "") };
}
