import { encode } from "gpt-tokenizer/encoding/o200k_harmony";
import { HarmonyParser, sanitizeControlTokens, parseHarmony } from "../../src/harmony/index.ts";
import { TOKENS } from "../../src/harmony/format.ts";
import { bodyText, Choices } from "../harmony/support/conversations.ts";
import { inPieces } from "../harmony/support/cuttings.ts";
import { loadOfficialCore, type OfficialCore } from "../harmony/support/official.ts";
import { compareSpeeds, type SpeedRow } from "./measure.ts";

/** Characters of a text that is measured. */
const SIZE = 1_000_000;
/** The parser beside OpenAI's own pipeline on the same completion. */
export async function benchHarmony(): Promise<readonly SpeedRow[]> {
  const core = await loadOfficialCore();
  const text = completionOf(SIZE, 1_100);
  const { ids, pieces } = inTokens(core, text);
  const bytes = Buffer.byteLength(text);
  const four = inPieces(text, 4);
  return compareSpeeds(
    { what: "official: tokenizer and WASM parser", bytes, run: () => officialPipeline(core, text) },
    [
      { what: "official: WASM parser alone, tokens given", bytes, run: () => officialParser(core, ids) },
      { what: "ours: whole", bytes, run: () => parseHarmony(text) },
      { what: "ours: pieces of a token", bytes, run: () => stream(pieces) },
      { what: "ours: pieces of 4 characters", bytes, run: () => stream(four) },
    ],
  );
}

/** A completion with thinking and answers whose bodies have about so many characters. */
function completionOf(size: number, bodySize: number): string {
  const choices = new Choices(1);
  const messages: string[] = [];
  for (let length = 0; length < size; length += messages.at(-1)?.length ?? 0) {
    let body = "";
    while (body.length < bodySize) body += ` ${bodyText(choices, 30)}`;
    messages.push(
      `<|channel|>${messages.length % 2 === 0 ? "analysis" : "final"}<|message|>${sanitizeControlTokens(body)}<|end|>`,
    );
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
