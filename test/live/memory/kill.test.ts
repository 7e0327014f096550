import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { packageFile } from "../../../src/platform/folders.ts";
import { latestSessionId } from "../../../src/memory/session-folder.ts";
import { Session } from "../../../src/memory/session.ts";
import { sized } from "../../support/full-size.ts";
import { type LiveServer, startLiveServer } from "../support/live-server.ts";
import { runCli } from "../support/run-cli.ts";

/** The soak suite sets a higher number. */
const KILLS = Number(process.env["GPT_OSS_KILLS"] ?? sized(5, 20));
const QUESTIONS = ["Count to 20.", "Who are you?", "Repeat: river stone garden", "こんにちは", "Hello"];

let server: LiveServer;
let data: string;
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), "gpt-oss-kill-"));
  server = await startLiveServer({ contextSize: 65_536 });
});
afterAll(async () => {
  await server.stop();
  await rm(data, { recursive: true, force: true });
});

const environment = () => ({
  OPENAI_BASE_URL: `${server.baseUrl}/v1`,
  OPENAI_API_KEY: server.apiKey,
  GPT_OSS_DATA: data,
  NO_COLOR: "1",
});

interface Killed {
  /** Questions whose answer had begun to show. */
  readonly answered: readonly string[];
  readonly shown: string;
}

/** A chat that is asked one question after the other, and killed at some moment after it began to answer, or while it starts. */
async function killedChat(words: readonly string[], whileStarting: boolean): Promise<Killed> {
  const child = spawn(process.execPath, [packageFile("dist/src/cli.js"), "chat", ...words], {
    env: { ...process.env, ...environment() },
  });
  let shown = "";
  let turn = 0;
  const answered: string[] = [];
  const questionOf = (index: number) => QUESTIONS[index % QUESTIONS.length] ?? "";
  child.stdin.on("error", () => undefined); // killed
  child.stdin.write(`${questionOf(0)}\n`);
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (answered.length === turn) answered.push(questionOf(turn));
    shown += text;
    // an answer of the demo model is one line
    if (text.endsWith("\n")) child.stdin.write(`${questionOf(++turn)}\n`);
  });
  if (!whileStarting) await once(child.stdout, "data");
  await sleep(Math.random() * 600);
  child.kill("SIGKILL");
  await once(child, "close");
  return { answered, shown };
}

/** How many answers the server was asked for, those that a chat begins with to see what the server does among them. */
async function requests(): Promise<number> {
  return (await readFile(server.logFile, "utf8")).match(/processing task/g)?.length ?? 0;
}

describe("a chat that is killed", () => {
  it(
    `loses nothing that was typed or shown, ${KILLS} times, and goes on`,
    async () => {
      const folder = join(data, "sessions");
      let begun = false;
      let answers = 0;
      for (let kill = 0; kill < KILLS; kill++) {
        const before = begun ? await messagesOf(folder) : [];
        const { answered, shown } = await killedChat(begun ? ["--continue"] : [], kill % 5 === 4);
        begun ||= latestSessionId(folder) !== undefined;
        if (!begun) continue;
        const all = await messagesOf(folder);
        expect(all.slice(0, before.length)).toEqual(before);
        const since = all.slice(before.length);
        const questions = since.filter(({ kind }) => kind === "human").map(({ text }) => text);
        expect(questions.slice(0, answered.length)).toEqual(answered);
        const kept = since.filter(({ kind }) => kind === "ai").map(({ text }) => `${text}\n`);
        expect(kept.join("").slice(0, shown.length)).toBe(shown);
        answers += answered.length;
        // a chat looks at its server with one request, before it asks a question; counted over all chats, since the log lags behind
        const asked = all.filter(({ kind }) => kind === "human").length;
        expect(asked).toBeGreaterThanOrEqual((await requests()) - (kill + 1));
      }
      expect(answers).toBeGreaterThan(KILLS / 2);
      const turns = (await messagesOf(folder)).length;
      const { status, stdout } = await runCli(["chat", "--continue"], { input: "Hello\n", environment: environment() });
      expect([status, stdout.length > 5]).toEqual([0, true]);
      expect((await messagesOf(folder)).length).toBe(turns + 2);
    },
    KILLS * 20_000,
  );
});

/** Opens the session as the next chat would. */
async function messagesOf(folder: string) {
  const session = await Session.open({ folder, id: latestSessionId(folder) ?? "" });
  session.close();
  expect(session.damage).toEqual([]);
  return session.state.messages.map(({ message }) => ({ kind: message.type, text: message.text }));
}
