import type { BaseMessage } from "@langchain/core/messages";
import type { ResumePoint } from "../inference/inference-request.ts";
import type { Turn } from "../memory/history.ts";
import type { SessionState } from "../memory/session-event.ts";
import type { Session } from "../memory/session.ts";
import type { PartialAnswer, StreamedAnswer } from "./stream-answer.ts";

/** Where an interrupted answer continues. */
export interface ResumeOptions {
  readonly from: ResumePoint;
  /** Whitespace before the rest, which the server strips from a completion's beginning. */
  readonly lead: string;
  /** The answer so far. */
  readonly begun: PartialAnswer;
}

/**
 * Removes the last piece, about a token, so that the model writes it again: a raw server strips the whitespace at the beginning of a
 * completion, and only for a piece that was there before is that whitespace known.
 */
export function resumeOptionsOf({ current, lastPiece }: Pick<StreamedAnswer, "current" | "lastPiece">): ResumeOptions {
  const { thinking, text } = current;
  if (text !== "") {
    const { kept, lead } = withoutLast(text, lastPiece);
    return {
      from: { channel: "final", text: kept, ...(thinking !== "" && { analysis: thinking }) },
      lead,
      begun: { thinking, text: kept },
    };
  }
  const { kept, lead } = withoutLast(thinking, lastPiece);
  return { from: { channel: "analysis", text: kept }, lead, begun: { thinking: kept, text: "" } };
}

function withoutLast(text: string, piece: string): { readonly kept: string; readonly lead: string } {
  const cut = piece !== "" && text.endsWith(piece) ? text.slice(0, text.length - piece.length) : withoutLastWord(text);
  const kept = cut.trimEnd();
  return { kept, lead: text.slice(kept.length).match(/^\s*/)?.[0] ?? "" };
}

/** Scripts that put no spaces between words. */
const WITHOUT_SPACES =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
/** Longer than any word: code, an address, JSON. */
const LONGEST_WORD = 40;
const segmenter = new Intl.Segmenter(undefined, { granularity: "word" });

/**
 * A text without its last word, for an answer whose pieces are no longer known. It ends at a space, so that the whitespace after it is
 * known, unless the text after the last space is longer than a word.
 */
function withoutLastWord(text: string): string {
  const trimmed = text.trimEnd();
  const last = /\S*$/.exec(trimmed)?.[0] ?? "";
  const before = trimmed.slice(0, trimmed.length - last.length);
  if (last.length <= LONGEST_WORD && !WITHOUT_SPACES.test(last)) return before;
  const word = segmenter.segment(last).containing(last.length - 1);
  return before + last.slice(0, word?.index ?? 0);
}

/** The last turn of a session that was left while it was answering; undefined when it is complete. */
export function interruptedTurnOf({ state }: Session): StreamedAnswer | undefined {
  const last = state.messages.at(-1);
  // a chat that was killed leaves no mark, and a question or a tool's result at the end
  if (last === undefined || (!last.interrupted && last.stored.type === "ai")) return undefined;
  const turn = lastTurnOf(state);
  if (turn === undefined) return undefined;
  const { question, answer: text } = turn;
  const empty = { thinking: "", preamble: "", calls: [], figures: {}, lastPiece: "" };
  return { ...empty, outcome: "interrupted", question, text, current: { thinking: "", text } };
}

/** The last turn with its tool calls and their results, and the text that comes after them. */
export function lastTurnOf(state: SessionState): (Turn & { readonly calls: readonly BaseMessage[] }) | undefined {
  const messages = state.messages.map(({ message }) => message);
  const asked = messages.findLastIndex(({ type }) => type === "human");
  const question = messages[asked];
  if (question === undefined) return undefined;
  const rest = messages.slice(asked + 1);
  const end = rest.findLastIndex(({ type }) => type === "tool") + 1;
  const answer = rest.slice(end).map(({ text }) => text);
  return { question: question.text, calls: rest.slice(0, end), answer: answer.join("") };
}
