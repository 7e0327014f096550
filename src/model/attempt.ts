import { endOfArguments } from "./arguments.ts";
import { type AnswerTokens, TokenCounts } from "./count-tokens.ts";
import { IncomingReader, type IncomingOptions } from "./incoming.ts";
import type { MessagePiece } from "./message-piece.ts";
import { RepetitionDetector } from "./repetition.ts";
import { StopSequences } from "./stop-sequences.ts";
import {
  completeUsage,
  mergeUsage,
  type PartialUsage,
  type WireChunk,
  type WireTimings,
  type WireUsage,
} from "./wire.ts";

export interface AttemptOptions extends IncomingOptions {
  readonly stopRepetition: boolean;
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
  has = { text: false, reasoning: false, preamble: false, calls: false };
  readonly #tokens = new TokenCounts();
  readonly #repetition: RepetitionDetector | undefined;
  readonly #stop: StopSequences;
  #endedEmpty = false;
  #sawDelta = false;
  #usage: PartialUsage | undefined;
  #arguments: string[] = [];

  constructor({ stopRepetition, stop, ...options }: AttemptOptions) {
    this.reader = new IncomingReader(options);
    this.#stop = new StopSequences(stop);
    if (stopRepetition) this.#repetition = new RepetitionDetector();
  }

  /** Takes in one chunk of the wire; gives what it adds to the message. */
  read({ choices, usage, timings }: WireChunk): MessagePiece[] {
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

  /** What was held back, and the ends of calls whose arguments are no JSON. */
  end(): MessagePiece[] {
    const last = this.reader.end().map((piece) => this.#untilStop(piece));
    const pieces = this.#note([...last, { type: "text", text: this.#stop.end() }]);
    this.#tokens.end(pieces);
    const ends = this.#arguments.map((written, index): MessagePiece => {
      return { type: "arguments", index, text: endOfArguments(written) };
    });
    return [...pieces, ...ends].filter((piece) => !("text" in piece) || piece.text !== "");
  }

  /** Only the visible answer ends with a stop sequence of the user's. */
  #untilStop(piece: MessagePiece): MessagePiece {
    return piece.type === "text" ? { ...piece, text: this.#stop.push(piece.text) } : piece;
  }

  /** Neither an answer nor a call, though the model was done. */
  get isEmpty(): boolean {
    const isCut = this.finishReason === "length" || this.isRepeating || this.stopSequence !== undefined;
    return !this.has.text && !this.has.calls && !isCut;
  }

  #note(pieces: MessagePiece[]): MessagePiece[] {
    for (const piece of pieces) {
      switch (piece.type) {
        case "text":
          this.has.text ||= piece.text.trim() !== "";
          break;
        case "reasoning":
          this.has.reasoning ||= piece.text.trim() !== "";
          break;
        case "preamble":
          this.has.preamble = true;
          break;
        case "call":
          this.has.calls = true;
          this.#arguments[piece.index] = "";
          break;
        case "arguments":
          this.#arguments[piece.index] += piece.text;
          break;
      }
      if ("text" in piece && this.#repetition?.push(piece.text)) this.isRepeating = true;
    }
    return pieces;
  }
}
