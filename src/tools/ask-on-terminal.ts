import { createInterface } from "node:readline";
import type { InterfaceLanguage } from "../config/interface.ts";
import { graphemesOf, widthOf } from "../text/width.ts";
import type { Approve, ApprovalAnswer } from "./approval.ts";

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
export function askOnTerminal(
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
