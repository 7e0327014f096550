import { createInterface } from "node:readline";
import type { InterfaceLanguage } from "../i18n/language.ts";
import { graphemesOf, widthOf } from "../terminal/text-width.ts";
import { revealLine, revealText } from "../terminal/untrusted-text.ts";
import { ToolError } from "./tool-result.ts";

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

/** The gate that a tool passes before it acts. @throws ToolError when there is more than a person can look through */
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

function tooMuch(): ToolError {
  return new ToolError(
    `This is more than the user can look through: at most ${MOST_LINES} lines and ${MOST_CHARACTERS} characters. Nothing was done. Do it in smaller steps.`,
  );
}

/** Where questions are asked and answered. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

/** Asks one line; undefined for Ctrl-C, Ctrl-D or an abort. */
export type AskLine = (question: string, signal: AbortSignal | undefined) => Promise<string | undefined>;

/** How much fits on the screen, and in which language it is asked. */
export interface ApprovalScreen {
  readonly language: InterfaceLanguage;
  readonly rows: number;
  readonly columns: number;
}

/**
 * An approver on top of whatever reads lines from a person: a chat's own line reader, for example. What does not fit on the screen is
 * shown page by page, and asked for after the last.
 * @param screen the terminal of standard error, and English, by default
 */
export function approveByLine(
  ask: AskLine,
  show: (text: string) => unknown,
  screen: Partial<ApprovalScreen> = {},
): Approve {
  return async (request) => {
    const { language = "en", rows = process.stderr.rows ?? 24, columns = process.stderr.columns ?? 80 } = screen;
    const words = WORDS[language];
    const question = words.question(request.question, request.scope);
    const lines = wrapLines(request.detail ?? "", Math.max(20, columns - 1));
    const room = Math.max(4, rows - 2 - Math.ceil(widthOf(question) / columns));
    const pages = Math.ceil(lines.length / room);
    for (let page = 1; page <= pages; page++) {
      show(`${lines.slice((page - 1) * room, page * room).join("\n")}\n`);
      if (page === pages) break;
      const answer = await ask(words.nextPage(page, pages), request.signal);
      if (answer === undefined || NO.has(plainWord(answer))) return "refused";
    }
    return readAnswer(await ask(question, request.signal), request.scope !== undefined);
  };
}

const NO = new Set(["n", "no", "q", "いいえ"]);
const WORDS = {
  en: {
    question: (question: string, scope: string | undefined) =>
      scope === undefined ? `${question} [y/N] ` : `${question} [y/N, a = always for ${scope}] `,
    nextPage: (page: number, pages: number) => `Page ${page} of ${pages}. Enter shows the next page, n refuses: `,
  },
  ja: {
    question: (question: string, scope: string | undefined) =>
      scope === undefined ? `${question} [y/N] ` : `${question} [y/N、a = ${scope} を今後も許可] `,
    nextPage: (page: number, pages: number) => `${page}/${pages} ページ。Enter で次のページを表示、n で拒否: `,
  },
} satisfies Record<InterfaceLanguage, unknown>;

/**
 * Each row of the screen begins with a mark that says whether it begins a line: nothing that is shown can look like a question of
 * ours, also when a line is longer than the screen is wide.
 */
function wrapLines(text: string, columns: number): string[] {
  if (text === "") return [];
  const room = columns - 2;
  return text
    .replace(/\n$/, "")
    .split("\n")
    .flatMap((line) =>
      rowsOf(line.replaceAll("\t", "    "), room).map((row, index) => (index === 0 ? "| " : ": ") + row),
    );
}

function rowsOf(line: string, room: number): string[] {
  const rows: string[] = [];
  let row = "";
  let width = 0;
  for (const grapheme of graphemesOf(line)) {
    const added = widthOf(grapheme);
    if (width + added > room) {
      rows.push(row);
      row = "";
      width = 0;
    }
    row += grapheme;
    width += added;
  }
  return [...rows, row];
}

/**
 * Asks on the terminal with node:readline, so that timers and Ctrl-C go on working; Ctrl-C refuses. Without a terminal everything is
 * refused. Only for programs that read nothing else from the terminal meanwhile.
 */
export function createTerminalApproval(
  { input = process.stdin, output = process.stderr }: Partial<Terminal> = {},
  screen: Partial<ApprovalScreen> = {},
): Approve {
  if (!input.isTTY) return () => Promise.resolve("refused");
  return approveByLine(
    (question, signal) => askOneLine({ input, output }, question, signal),
    (text) => output.write(text),
    screen,
  );
}

async function askOneLine(
  { input, output }: Terminal,
  question: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const lines = createInterface({ input, output, terminal: true });
  return await new Promise((resolve) => {
    const end = (line?: string) => {
      signal?.removeEventListener("abort", give);
      resolve(line);
      lines.close();
    };
    const give = () => {
      output.write("\n");
      end();
    };
    signal?.addEventListener("abort", give, { once: true });
    lines.on("SIGINT", give);
    lines.on("close", () => {
      end();
    });
    lines.question(question, end);
  });
}

/** Only a clear yes is one. */
function readAnswer(line: string | undefined, rememberable: boolean): ApprovalAnswer {
  const word = plainWord(line ?? "");
  if (rememberable && ["a", "always", "いつも"].includes(word)) return "session";
  return ["y", "yes", "はい"].includes(word) ? "once" : "refused";
}

function plainWord(line: string): string {
  return line.normalize("NFKC").trim().toLowerCase();
}
