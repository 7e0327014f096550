import { performance } from "node:perf_hooks";
import { encode } from "gpt-tokenizer/encoding/o200k_harmony";
import { HarmonyParser, parseHarmony } from "../../src/harmony/index.ts";
import { TOKENS } from "../../src/harmony/tokens.ts";
import { bodyText, Choices } from "../harmony/support/conversations.ts";
import { inPieces } from "../harmony/support/cuttings.ts";
import { loadOfficialCore, type OfficialCore } from "../harmony/support/official.ts";

const ROUNDS = 7;
/** Characters of a text that is measured. */
const SIZE = 1_000_000;

interface Measured {
  readonly what: string;
  /** Megabytes (of UTF-8) a second: the median of the rounds, the slowest and the fastest. */
  readonly median: number;
  readonly slowest: number;
  readonly fastest: number;
}

/** Measures the parser beside OpenAI's own pipeline on the same text, and on hostile text, and prints a table. */
export async function benchHarmony(): Promise<readonly Measured[]> {
  const core = await loadOfficialCore();
  const text = completionOf(SIZE, 1_100);
  const tokens = inTokens(core, text);
  const official = measure("official: tokenizer + WASM, messages of 1 KB", text, () => officialPipeline(core, text));
  const rows = [
    official,
    measure("official: WASM alone, tokens given", text, () => officialParser(core, tokens.ids)),
    measure("ours, whole", text, () => parseHarmony(text)),
    ...["4 characters", "a token"].flatMap((size) => {
      const pieces = size === "a token" ? tokens.pieces : inPieces(text, 4);
      return [measure(`ours, in pieces of ${size}`, text, () => stream(pieces))];
    }),
    ...hostile().map(({ what, text: input }) => measure(`ours, hostile: ${what}`, input, () => parseHarmony(input))),
    ...hostile().map(({ what, text: input }) => {
      const pieces = inPieces(input, 4);
      return measure(`ours, hostile, 4 characters: ${what}`, input, () => stream(pieces));
    }),
  ];
  print(rows, official.median);
  return rows;
}

/** A completion with thinking and answers whose bodies have about so many characters. */
function completionOf(size: number, bodySize: number): string {
  const choices = new Choices(1);
  const messages: string[] = [];
  for (let length = 0; length < size; length += messages.at(-1)?.length ?? 0) {
    let body = "";
    while (body.length < bodySize) body += ` ${bodyText(choices, 30).replaceAll("assistantfinal", "")}`;
    messages.push(`<|channel|>${messages.length % 2 === 0 ? "analysis" : "final"}<|message|>${body}<|end|>`);
  }
  return messages.join("<|start|>assistant");
}

function hostile(): { readonly what: string; readonly text: string }[] {
  const repeated = (piece: string) => piece.repeat(SIZE / piece.length);
  return [
    { what: "<<<<", text: repeated("<") },
    { what: "<|<|", text: `<|channel|>final<|message|>${repeated("<|")}` },
    { what: "<|start|><|start|>", text: repeated("<|start|>") },
    { what: "<|start|> in a body", text: `<|channel|>final<|message|>${repeated("<|start|>")}` },
    { what: "<|start|> a.b in a body", text: `<|channel|>final<|message|>${repeated("<|start|> a.b")}` },
    { what: "<|channel|>x in a header", text: repeated("<|channel|>x") },
    { what: "a header without end", text: `<|channel|>analysis ${repeated("to=f assistant ")}` },
    { what: "text that may be stripped harmony", text: `analysis ${repeated("assistant ")}` },
  ];
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

function measure(what: string, text: string, run: () => unknown): Measured {
  const megabytes = Buffer.byteLength(text) / 1e6;
  run();
  const speeds = Array.from({ length: ROUNDS }, () => {
    const begin = performance.now();
    run();
    return megabytes / ((performance.now() - begin) / 1_000);
  }).toSorted((a, b) => a - b);
  return {
    what,
    median: speeds[Math.floor(ROUNDS / 2)] ?? 0,
    slowest: speeds[0] ?? 0,
    fastest: speeds.at(-1) ?? 0,
  };
}

function print(rows: readonly Measured[], official: number): void {
  const speed = (value: number) => value.toFixed(value < 10 ? 2 : 0).padStart(8);
  process.stdout.write(
    `${"MB/s".padEnd(60)}${["median", "slowest", "fastest", "ratio"].map((name) => name.padStart(8)).join("")}\n`,
  );
  for (const { what, median, slowest, fastest } of rows) {
    process.stdout.write(`${what.padEnd(60)}${[median, slowest, fastest, median / official].map(speed).join("")}\n`);
  }
}
