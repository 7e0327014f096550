import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { packageFile } from "../../../src/platform/folders.ts";
import { latestSessionId } from "../../../src/memory/session-folder.ts";
import { Session } from "../../../src/memory/session.ts";
import type { Ledger } from "./ledger.ts";

const QUESTIONS = ["Count to 20.", "Who are you?", "Repeat: river stone garden", "こんにちは", "Hello", "Count to 60."];
const TURNS = 6;

export interface SoakPlace {
  readonly environment: NodeJS.ProcessEnv;
  /** Of this actor alone. */
  readonly data: string;
}

/** One run of the chat program that goes on with its conversation: some questions, and an end of one kind or another. */
export async function chatOnce({ environment, data }: SoakPlace, ledger: Ledger): Promise<void> {
  const folder = join(data, "sessions");
  const begun = latestSessionId(folder) !== undefined;
  const before = begun ? await messagesOf(folder, ledger) : [];
  const chat = spawn(
    process.execPath,
    [packageFile("dist/src/cli.js"), "chat", "--model", "demo", ...(begun ? ["--continue"] : [])],
    { env: { ...environment, GPT_OSS_DATA: data }, stdio: ["pipe", "pipe", "ignore"] },
  );
  chat.stdin.on("error", () => undefined); // it may be gone
  let shown = "";
  let turns = 0;
  const say = () => chat.stdin.write(`${QUESTIONS[Math.floor(Math.random() * QUESTIONS.length)] ?? ""}\n`);
  chat.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
    if (!text.endsWith("\n")) return;
    turns++;
    if (turns < TURNS) say();
    else chat.stdin.end();
  });
  say();
  const closed = once(chat, "close");
  const end = Math.random();
  if (end < 0.5) {
    await sleep(500 + Math.random() * 4_000);
    chat.kill(end < 0.25 ? "SIGKILL" : "SIGINT");
  }
  // an answer that a fault cut short has no line's end, so nothing more would be said
  const idle = sleep(20_000, undefined, { ref: false }).then(() => chat.stdin.end());
  if ((await ledger.within("chat", closed)) === undefined) chat.kill("SIGKILL");
  await Promise.race([idle, closed]);
  ledger.count("done", end < 0.25 ? "chats killed" : end < 0.5 ? "chats interrupted" : "chats");
  compare(before, latestSessionId(folder) === undefined ? [] : await messagesOf(folder, ledger), shown, ledger);
}

interface Kept {
  readonly kind: string;
  readonly text: string;
}

/** What was there before is there still, and what was shown was kept. */
function compare(before: readonly Kept[], after: readonly Kept[], shown: string, ledger: Ledger): void {
  if (JSON.stringify(after.slice(0, before.length)) !== JSON.stringify(before))
    ledger.lost.push(`${before.length} messages were kept before, ${after.length} are now`);
  const kept = after
    .slice(before.length)
    .filter(({ kind }) => kind === "ai")
    .map(({ text }) => text.replaceAll(/\s/g, ""));
  const seen = shown.replaceAll(/\s/g, "");
  if (!kept.join("").startsWith(seen)) ledger.lost.push(`shown: ${shown}\nkept: ${kept.join("\n")}`);
}

async function messagesOf(folder: string, ledger: Ledger): Promise<Kept[]> {
  const session = await Session.open({ folder, id: latestSessionId(folder) ?? "" });
  session.close();
  if (session.damage.length > 0) ledger.lost.push(`damage: ${JSON.stringify(session.damage)}`);
  return session.state.messages.map(({ message }) => ({ kind: message.type, text: message.text }));
}
