import { type HarmonyEvent, type HarmonyMessage, mayHoldToken, TOKENS } from "./format.ts";
import {
  readHeaderWords,
  readStrippedBody,
  readStrippedChannel,
  readText,
  endLoneWord,
  readUndecided,
  readWords,
  Reading,
} from "./parser-states.ts";

/** What the text alone does not say. */
export interface HarmonyOptions {
  /** How the prompt ended, which is where the completion begins. Defaults to `<|start|>assistant`. */
  readonly promptEndsWith?: string;
  /** Names of the tools that the caller offered. The model may write one in another place of a header than behind `to=`. */
  readonly tools?: readonly string[];
}

/** Each reads on or changes the state, and returns whether the text so far can be read further. */
const STEPS = {
  opening: readWords,
  undecided: readUndecided,
  between: readWords,
  header: readHeaderWords,
  body: readText,
  loose: readText,
  "stripped-header": readStrippedChannel,
  "stripped-body": readStrippedBody,
} as const;

/**
 * Reads one completion of gpt-oss, piece by piece, whatever the model made of the format. It never throws on text. What is
 * decided is reported at once; what could still become a control token, or is open by the rules, waits, at most until `end()`.
 */
export class HarmonyParser {
  readonly #reading: Reading;
  #isOver = false;

  constructor({ promptEndsWith = `${TOKENS.start}assistant`, tools = [] }: HarmonyOptions = {}) {
    this.#reading = new Reading(tools);
    this.#readPrompt(promptEndsWith);
  }

  /** All messages so far; the last one may still grow. */
  get messages(): readonly HarmonyMessage[] {
    return this.#reading.transcript.messages;
  }

  /** Part of a message's text has come that is not reported yet: it could still become a control token. */
  get isHoldingText(): boolean {
    const { state, text, transcript } = this.#reading;
    return (state === "body" && text !== "") || transcript.isHoldingText;
  }

  /** Takes the next piece of text, of any length and cut anywhere. After `end()` nothing more is read. */
  push(text: string): HarmonyEvent[] {
    const reading = this.#reading;
    // nearly every piece is this: a token's worth of a body, and nothing in it that could be a marker
    if (reading.state === "body" && reading.text === "" && text !== "" && !mayHoldToken(text)) {
      reading.transcript.append(text);
      return reading.transcript.takeEvents();
    }
    if (!this.#isOver) {
      reading.text += text;
      this.#run(false);
    }
    return reading.transcript.takeEvents();
  }

  /** Says that the completion is over; whatever was held back is decided now. */
  end(): HarmonyEvent[] {
    const { transcript } = this.#reading;
    if (!this.#isOver) {
      this.#run(true);
      transcript.end(undefined);
      endLoneWord(this.#reading);
      this.#isOver = true;
      this.#reading.state = "between";
    }
    return transcript.takeEvents();
  }

  #run(isLast: boolean): void {
    const reading = this.#reading;
    while (STEPS[reading.state](reading, isLast)) {
      // a step at a time
    }
    reading.compact();
  }

  /** Puts the parser where the prompt left off: after a role, inside a header, or inside a body. */
  #readPrompt(prompt: string): void {
    const start = prompt.lastIndexOf(TOKENS.start);
    if (start < 0) return;
    const reading = this.#reading;
    reading.text = prompt.slice(start);
    this.#run(false);
    reading.text = "";
    reading.transcript.forgetPrompt();
    if (reading.state !== "header" || reading.words.includes("<|")) return;
    // no marker yet: what comes is the rest of a header, or an answer without one
    reading.promptWords = reading.words;
    reading.words = "";
    reading.sawToken = false;
    reading.state = "opening";
  }
}

/** Reads a whole completion. */
export function parseHarmony(text: string, options?: HarmonyOptions): HarmonyMessage[] {
  const parser = new HarmonyParser(options);
  parser.push(text);
  parser.end();
  return [...parser.messages];
}
