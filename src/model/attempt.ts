import { endOfArguments } from "./arguments.ts";
import { type AnswerTokens, TokenCounts } from "./count-tokens.ts";
import { IncomingReader, type IncomingOptions, type MessagePiece } from "./incoming.ts";
import { RepetitionDetector } from "./repetition.ts";
import type { WireChunk, WireTimings, WireUsage } from "./wire.ts";

export interface AttemptOptions extends IncomingOptions {
  readonly stopRepetition: boolean;
}

/** What one request has brought so far. */
export class Attempt {
  readonly reader: IncomingReader;
  usage: WireUsage | undefined;
  timings: WireTimings | undefined;
  finishReason: string | undefined;
  isRepeating = false;
  has = { text: false, reasoning: false, preamble: false, calls: false };
  readonly #tokens = new TokenCounts();
  readonly #repetition: RepetitionDetector | undefined;
  #arguments: string[] = [];

  constructor({ stopRepetition, ...options }: AttemptOptions) {
    this.reader = new IncomingReader(options);
    if (stopRepetition) this.#repetition = new RepetitionDetector();
  }

  /** Takes in one chunk of the wire; gives what it adds to the message. */
  read({ choices, usage, timings }: WireChunk): MessagePiece[] {
    if (usage) this.usage = usage;
    if (timings) this.timings = timings;
    const choice = choices?.[0];
    if (choice?.finish_reason) this.finishReason = choice.finish_reason;
    if (!choice?.delta) return [];
    const pieces = this.reader.read(choice.delta);
    this.#tokens.add({ delta: choice.delta, pieces, isHoldingText: this.reader.isHoldingText });
    return this.#note(pieces);
  }

  get tokens(): AnswerTokens {
    return this.#tokens.result(this.usage?.completion_tokens);
  }

  /** What was held back, and the ends of calls whose arguments are no JSON. */
  end(): MessagePiece[] {
    const pieces = this.#note(this.reader.end());
    this.#tokens.end(pieces);
    const ends = this.#arguments.map((written, index): MessagePiece => {
      return { type: "arguments", index, text: endOfArguments(written) };
    });
    return [...pieces, ...ends.filter((piece) => piece.type === "arguments" && piece.text !== "")];
  }

  /** Neither an answer nor a call, though the model was done. */
  get isEmpty(): boolean {
    return !this.has.text && !this.has.calls && this.finishReason !== "length" && !this.isRepeating;
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
