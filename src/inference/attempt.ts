import type { AnswerTokens, ContentPart } from "./answer-part.ts";
import { IncomingReader, type IncomingOptions } from "./answer-reader.ts";
import type { WrittenCall } from "./call-header.ts";
import { TokenCounts } from "./token-count.ts";
import {
  completeUsage,
  mergeUsage,
  type PartialUsage,
  type WireChunk,
  type WireTimings,
  type WireUsage,
} from "./wire.ts";

export interface AttemptOptions extends IncomingOptions {
  readonly stopRepetition?: boolean | undefined;
  /** Texts that end the visible answer. */
  readonly stop?: readonly string[] | string | undefined;
}

/** What one request has brought so far. */
export class Attempt {
  readonly reader: IncomingReader;
  timings: WireTimings | undefined;
  finishReason: string | undefined;
  /** The server has said that nothing is missing. */
  isDone = false;
  isRepeating = false;
  readonly has = { text: false, reasoning: false, calls: false };
  readonly #calls: { readonly id: string; arguments: string }[] = [];
  readonly #tokens = new TokenCounts();
  readonly #repetition: RepetitionDetector | undefined;
  readonly #stop: StopSequences;
  #endedEmpty = false;
  #sawDelta = false;
  #usage: PartialUsage | undefined;

  constructor({ stopRepetition, stop, ...options }: AttemptOptions) {
    this.reader = new IncomingReader(options);
    this.#stop = new StopSequences(stop);
    if (stopRepetition) this.#repetition = new RepetitionDetector();
  }

  /** Takes in one chunk of the wire; gives what it adds to the message. */
  read({ choices, usage, timings }: WireChunk): ContentPart[] {
    if (usage) this.#usage = mergeUsage(this.#usage, usage);
    if (timings) this.timings = timings;
    const choice = choices?.find((candidate) => (candidate?.index ?? 0) === 0);
    // an empty reason is one too, but says nothing: some servers send it with each chunk
    if (choice?.finish_reason) this.finishReason = choice.finish_reason;
    else if (choice?.finish_reason === "") this.#endedEmpty = true;
    // a server may put a whole message into its stream, but one after deltas says the same once more
    const delta = choice?.delta ?? (this.#sawDelta ? undefined : choice?.message);
    if (choice?.delta) this.#sawDelta = true;
    if (!delta) return [];
    const pieces = this.reader.read(delta);
    this.#tokens.add({ delta, pieces, isHoldingText: this.reader.isHoldingText });
    return this.#note(pieces.map((piece) => this.#untilStop(piece)));
  }

  /** The tokens of the request; undefined where the server has told none. */
  get usage(): WireUsage | undefined {
    return completeUsage(this.#usage);
  }

  /** The user's stop sequence that ended the answer. */
  get stopSequence(): string | undefined {
    return this.#stop.found;
  }

  /** Whether all of the answer has come. */
  get isComplete(): boolean {
    const isOver = this.isDone || this.finishReason !== undefined || this.#endedEmpty;
    return isOver || this.isRepeating || this.stopSequence !== undefined;
  }

  get tokens(): AnswerTokens {
    return this.#tokens.result(this.usage?.completion_tokens);
  }

  /** The text that was held back, once the stream has ended. */
  end(): ContentPart[] {
    const isCut = this.finishReason === "length" || this.isRepeating || !this.isComplete;
    const last = this.reader.end(isCut).map((piece) => this.#untilStop(piece));
    const pieces = this.#note([...last, { type: "text", channel: "final", text: this.#stop.end() }]);
    this.#tokens.end(pieces);
    return pieces.filter((piece) => piece.type === "tool-call" || piece.text !== "");
  }

  /** Only the visible answer ends with a stop sequence of the user's. */
  #untilStop(piece: ContentPart): ContentPart {
    const isAnswer = piece.type === "text" && piece.channel === "final";
    return isAnswer ? { ...piece, text: this.#stop.push(piece.text) } : piece;
  }

  /** Neither an answer nor a call, though the model was done. */
  get isEmpty(): boolean {
    const isCut = this.finishReason === "length" || this.isRepeating || this.stopSequence !== undefined;
    return !this.has.text && !this.has.calls && !isCut;
  }

  /** The calls as the model wrote them; empty where the server does not pass on how that was. */
  get writtenCalls(): readonly WrittenCall[] {
    const headers = this.reader.callHeaders ?? [];
    return headers.flatMap((header, index) => {
      const { id, arguments: written } = this.#calls[index] ?? {};
      return id === undefined || written === undefined ? [] : [{ id, arguments: written, header }];
    });
  }

  #note(pieces: ContentPart[]): ContentPart[] {
    for (const piece of pieces) {
      if (piece.type === "tool-call") {
        this.has.calls = true;
        this.#calls[piece.index] = { id: piece.id, arguments: "" };
      } else {
        const call = piece.type === "tool-arguments" ? this.#calls[piece.index] : undefined;
        if (call !== undefined) call.arguments += piece.text;
        if (piece.type === "text") this.#noteText(piece);
        if (this.#repetition?.push(piece.text)) this.isRepeating = true;
      }
    }
    return pieces;
  }

  #noteText({ channel, text }: Extract<ContentPart, { readonly type: "text" }>): void {
    if (channel !== "commentary") this.has[channel === "final" ? "text" : "reasoning"] ||= text.trim() !== "";
  }
}

/**
 * Ends the visible answer where it contains one of the user's stop sequences. The server can't do it: on a raw completion `stop` also
 * matches the thinking, the headers of channels (`final`) and the arguments of calls.
 */
export class StopSequences {
  readonly #sequences: readonly string[];
  /** The end of the text so far, as long as it may be the beginning of a sequence. */
  #held = "";
  #found: string | undefined;

  constructor(sequences: readonly string[] | string | undefined) {
    const given = typeof sequences === "string" ? [sequences] : (sequences ?? []);
    this.#sequences = given.filter((sequence) => typeof sequence === "string" && sequence !== "");
  }

  /** The sequence that ended the answer; undefined as long as none has. */
  get found(): string | undefined {
    return this.#found;
  }

  /** Takes the next piece of the answer; returns what of it can be shown. */
  push(text: string): string {
    if (this.#found !== undefined) return "";
    if (this.#sequences.length === 0) return text;
    const whole = this.#held + text;
    // the one that is complete first ends the answer, so that it does not matter how the text is cut into pieces
    const [first] = this.#sequences
      .map((sequence) => ({ sequence, at: whole.indexOf(sequence) }))
      .filter(({ at }) => at >= 0)
      .toSorted((one, other) => one.at + one.sequence.length - (other.at + other.sequence.length) || one.at - other.at);
    if (first !== undefined) {
      this.#found = first.sequence;
      this.#held = "";
      return whole.slice(0, first.at);
    }
    const heldFrom = this.#heldFrom(whole);
    this.#held = whole.slice(heldFrom);
    return whole.slice(0, heldFrom);
  }

  /** What was held back, at the end of the answer. */
  end(): string {
    const held = this.#held;
    this.#held = "";
    return held;
  }

  /** Where the longest end of the text begins that is the beginning of a sequence. */
  #heldFrom(text: string): number {
    const longest = Math.max(...this.#sequences.map((sequence) => sequence.length));
    for (let at = Math.max(0, text.length - longest + 1); at < text.length; at++) {
      const end = text.slice(at);
      if (this.#sequences.some((sequence) => sequence.startsWith(end))) return at;
    }
    return text.length;
  }
}

/** An answer whose last so many characters repeat themselves would probably never end. */
const WINDOW = 3_000;
/** Longest piece that counts as repeated: ten times at least in the window. */
const LONGEST_PERIOD = WINDOW / 10;
/** How many new characters are waited for before it is looked again. */
const STEP = 256;

/** Notices when a model repeats the same few words without end, as small models at temperature 0 do. */
export class RepetitionDetector {
  #tail = "";
  #unseen = 0;

  /** Takes the next piece of an answer; true once it is going round in circles. */
  push(text: string): boolean {
    this.#tail += text;
    this.#unseen += text.length;
    if (this.#unseen < STEP || this.#tail.length < WINDOW) return false;
    this.#unseen = 0;
    this.#tail = this.#tail.slice(-WINDOW);
    return shortestPeriod(this.#tail) <= LONGEST_PERIOD;
  }
}

/** The smallest p such that every character equals the one p before it; the length of the text when there is none (Knuth, Morris, Pratt). */
function shortestPeriod(text: string): number {
  const borders = new Int32Array(text.length);
  let border = 0;
  for (let at = 1; at < text.length; at++) {
    while (border > 0 && text[at] !== text[border]) border = borders[border - 1] ?? 0;
    if (text[at] === text[border]) border++;
    borders[at] = border;
  }
  return text.length - border;
}
