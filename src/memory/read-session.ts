import type { Reason } from "../errors.ts";
import { type Phrase, phraseIn, reason } from "../failures/failure.ts";
import { FORMAT_VERSION, type SessionEvent, sessionEventSchema } from "./session-event.ts";

/** A line that could not be read; everything around it could. */
export interface Damage {
  /** Counted from 1. */
  readonly line: number;
  /** In English, after "line 3". */
  readonly what: string;
  /** The same for any language. */
  readonly wording: Reason;
}

export interface ReadSession {
  readonly events: readonly SessionEvent[];
  readonly damage: readonly Damage[];
}

const BYTE_ORDER_MARK = "\uFEFF";
/** Two events on one line, the line break between them was lost. Inside a string its quotation marks would be escaped. */
const SEAM = /(?=\{"v":\d+,"at":)/;

/** Reads a session's text. Damaged lines are passed over and named; whatever else stands there is read. */
export function readSession(text: string): ReadSession {
  const events: SessionEvent[] = [];
  const damage: Damage[] = [];
  const seen = new Set<string>();
  const lines = text.replace(BYTE_ORDER_MARK, "").split("\n");
  for (const [index, line] of lines.entries()) {
    const isLast = index === lines.length - 1;
    for (const piece of piecesOf(line)) {
      const read = readLine(piece, isLast);
      if ("reason" in read) damage.push(damageAt(index + 1, read));
      else if (seen.has(piece)) damage.push(damageAt(index + 1, reason("twiceThere")));
      else events.push(read);
      seen.add(piece);
    }
    if (line.includes("\uFFFD")) damage.push(damageAt(index + 1, reason("notUtf8")));
  }
  return { events, damage };
}

function damageAt(line: number, wording: Reason): Damage {
  return { line, what: phraseIn("en", wording), wording };
}

function piecesOf(line: string): readonly string[] {
  // a disk that lost power may leave zeros where a line was being written
  const clean = line.replaceAll("\0", "").trim();
  if (clean === "") return line.includes("\0") ? [line] : [];
  return parseJson(clean) === undefined ? clean.split(SEAM) : [clean];
}

/** The event, or what is wrong with the line. */
function readLine(line: string, isLast: boolean): SessionEvent | Reason {
  const value = parseJson(line);
  if (value === undefined) return reason(isLast ? "cutWhileWritten" : "noJsonLine");
  const event = sessionEventSchema.safeParse(value);
  if (event.success) return event.data;
  const version = typeof value === "object" && value !== null && "v" in value ? value.v : undefined;
  if (typeof version === "number" && version > FORMAT_VERSION) return reason("laterVersion", version);
  const [issue] = event.error.issues;
  return reason("noSessionEvent", issue?.path.join(".") ?? "", issue?.message ?? "");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** One sentence about all damage, or undefined where there is none. */
export function describeDamage(name: string, damage: readonly Damage[]): Phrase | undefined {
  const [first] = damage;
  if (first === undefined) return undefined;
  return reason("sessionDamaged", name, first.line, first.wording, damage.length - 1);
}
