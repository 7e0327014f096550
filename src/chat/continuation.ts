import type { ContinueFrom } from "../model/call-options.ts";
import type { StreamedAnswer } from "./stream-answer.ts";

/** Where an interrupted answer goes on. */
export interface Continuation {
  readonly from: ContinueFrom;
  /** Whitespace before what comes, which the server strips from a completion's beginning. */
  readonly lead: string;
  /** What stands of the answer before it goes on. */
  readonly begun: { readonly thinking: string; readonly text: string };
}

/**
 * Goes back by the last piece, about a token, and has the model write it again: a server that hands out raw text strips the whitespace
 * that it would begin with, and of a piece that has been there before we know what that was.
 */
export function continuationOf({ thinking, text, lastPiece }: StreamedAnswer): Continuation {
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
  const cut = piece !== "" && text.endsWith(piece) ? text.slice(0, text.length - piece.length) : lastWordAway(text);
  const kept = cut.trimEnd();
  return { kept, lead: text.slice(kept.length).match(/^\s*/)?.[0] ?? "" };
}

/** Where the pieces are not known any more, a word is. */
function lastWordAway(text: string): string {
  return /\s/.test(text.trim()) ? text.replace(/\s*\S+\s*$/, "") : "";
}
