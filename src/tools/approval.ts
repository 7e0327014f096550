import type { InterfaceLanguage } from "../config/interface.ts";
import { revealLine, revealText } from "../text/showable-text.ts";
import { ToolFailure } from "./failure.ts";

/** What a person is asked before a tool changes something or sends something out. */
export interface ApprovalRequest {
  /** Name of the tool. */
  readonly tool: string;
  /** One line: what would be done. */
  readonly question: string;
  /** All of it: a diff, a command, arguments. Any number of lines. */
  readonly detail?: string | undefined;
  /** What the answer "session" covers, such as `write_file`; undefined for what is asked each time. */
  readonly scope: string | undefined;
  /** Aborts when the turn is stopped: whoever asks should take the question away. */
  readonly signal?: AbortSignal | undefined;
}

/** `session`: yes, and do not ask again for this scope. */
export type ApprovalAnswer = "once" | "session" | "refused";

/** Asks a person. Whatever it throws counts as a refusal of the tool's call, not as an answer. */
export type Approve = (request: ApprovalRequest) => Promise<ApprovalAnswer>;

/** A sentence in each language of the interface. */
export type Question = Readonly<Record<InterfaceLanguage, string>>;

/** What a tool has to say of itself before it acts. */
export interface GatedAction extends Omit<ApprovalRequest, "question"> {
  readonly question: Question;
}

/** The gate that a tool passes before it acts. @throws ToolFailure when there is more than a person can look through */
export type ApprovalGate = (action: GatedAction) => Promise<boolean>;

/** What a person can look through, page by page; nobody reads more before a yes. */
const MOST_CHARACTERS = 65_536;
const MOST_LINES = 2_000;
/** A longer question moves its own beginning off the screen, so it is told with the details. */
const QUESTION_CHARACTERS = 160;

/** For where there is nobody to ask. */
export const refuseAll: Approve = () => Promise.resolve("refused");

/**
 * Remembers what was allowed for the session and asks one question at a time, however many tools want to act at once. A person sees
 * all of what is asked or is not asked at all, with everything made visible that a terminal would obey or nobody would see: the model
 * wrote it.
 */
export function approvalGate(approve: Approve, language: InterfaceLanguage = "en"): ApprovalGate {
  const allowed = new Set<string>();
  let before: Promise<unknown> = Promise.resolve();
  const ask = async (action: GatedAction): Promise<boolean> => {
    if (action.scope !== undefined && allowed.has(action.scope)) return true;
    if (action.signal?.aborted) return false;
    const answer = await approve(requestFor(action, language));
    // the turn may have been stopped while the person was thinking
    if (answer === "refused" || action.signal?.aborted) return false;
    if (answer === "session" && action.scope !== undefined) allowed.add(action.scope);
    return true;
  };
  return async (action) => {
    const mine = before.then(() => ask(action));
    before = mine.catch(() => undefined); // whoever asked hears of it
    return await mine;
  };
}

function requestFor(action: GatedAction, language: InterfaceLanguage): ApprovalRequest {
  const { tool, question, detail, scope } = action;
  if (question[language].length + (detail?.length ?? 0) > MOST_CHARACTERS) throw tooMuch();
  const line = revealLine(question[language]);
  const isShort = line.length <= QUESTION_CHARACTERS;
  const parts = [...(isShort ? [] : [line]), ...(detail === undefined ? [] : [revealText(detail)])];
  const shown = parts.length === 0 ? undefined : parts.join("\n");
  if (shown !== undefined && (shown.length > 2 * MOST_CHARACTERS || shown.split("\n").length > MOST_LINES)) {
    throw tooMuch();
  }
  return {
    ...action,
    // a server of tools names its tools
    tool: revealLine(tool),
    scope: scope === undefined ? undefined : revealLine(scope),
    question: isShort ? line : ASK_ABOVE[language],
    detail: shown,
  };
}

const ASK_ABOVE: Question = { en: "Do what is shown above?", ja: "上に表示した操作を実行しますか？" };

function tooMuch(): ToolFailure {
  return new ToolFailure(
    `This is more than the user can look through: at most ${MOST_LINES} lines and ${MOST_CHARACTERS} characters. Nothing was done. Do it in smaller steps.`,
  );
}
