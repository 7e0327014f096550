import { createInterface } from "node:readline";
import type { Approve, ApprovalAnswer, ApprovalRequest } from "./approval.ts";

/** Where questions are asked and answered. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

/** Asks one line; undefined for Ctrl-C, Ctrl-D or an abort. */
export type AskLine = (question: string, signal: AbortSignal | undefined) => Promise<string | undefined>;

/** An approver on top of whatever reads lines from a person: a chat's own line reader, for example. */
export function approveByLine(ask: AskLine, show: (text: string) => unknown): Approve {
  return async (request) => {
    if (request.detail !== undefined) show(`${request.detail.replace(/\n$/, "")}\n`);
    return readAnswer(await ask(questionLine(request), request.signal), request.scope !== undefined);
  };
}

/**
 * Asks on the terminal with node:readline, so that timers and Ctrl-C go on working; Ctrl-C refuses. Without a terminal everything is
 * refused. Only for programs that read nothing else from the terminal meanwhile.
 */
export function askOnTerminal({ input = process.stdin, output = process.stderr }: Partial<Terminal> = {}): Approve {
  if (!input.isTTY) return () => Promise.resolve("refused");
  return approveByLine(
    (question, signal) => askOneLine({ input, output }, question, signal),
    (text) => output.write(text),
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

function questionLine({ question, scope }: ApprovalRequest): string {
  return scope === undefined ? `${question} [y/N] ` : `${question} [y/N, a = always for ${scope}] `;
}

/** Only a clear yes is one. */
function readAnswer(line: string | undefined, rememberable: boolean): ApprovalAnswer {
  const word = (line ?? "").normalize("NFKC").trim().toLowerCase();
  if (rememberable && ["a", "always", "いつも"].includes(word)) return "session";
  return ["y", "yes", "はい"].includes(word) ? "once" : "refused";
}
