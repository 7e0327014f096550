import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { AIMessage, HumanMessage } from "@langchain/core/messages";
import { searchSessions, loadSessions } from "../../src/memory/session-folder.ts";
import { stamped, storedFrom } from "../../src/memory/session-event.ts";
import { sessionPath } from "../../src/memory/session.ts";

const SESSIONS = 2_000;
const MESSAGES = 20;
const ROUNDS = 5;
const TEXTS = [
  "The garden behind the house wants water in the evening, and the roses more of it than the rest. ",
  "明日の朝は早く起きて、駅まで歩いてから電車で大阪に行くつもりです。お弁当も作ります。",
  "A function that takes a list and gives back its sorted copy leaves the list as it was. ",
];

export interface SessionsRow {
  readonly what: string;
  readonly found: number;
  /** Milliseconds: the median of the rounds. */
  readonly median: number;
  readonly slowest: number;
}

/** Searches 2,000 sessions of 20 messages, of which one in a hundred has the words, and lists them. */
export async function benchSessions(): Promise<SessionsRow[]> {
  const folder = await mkdtemp(join(tmpdir(), "gpt-oss-bench-"));
  try {
    for (let index = 0; index < SESSIONS; index++)
      await writeFile(sessionPath(folder, `2026-${String(index).padStart(5, "0")}`), sessionText(index));
    return [
      measure("search 天気", () => [...searchSessions(folder, "天気")].length),
      measure("search テンキ, written in half width", () => [...searchSessions(folder, "テンキ")].length),
      measure("search Weather", () => [...searchSessions(folder, "Weather")].length),
      measure("search what is not there", () => [...searchSessions(folder, "zebra")].length),
      measure("list", () => loadSessions(folder).length),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Messages of some 400 characters, every third in Japanese. */
function sessionText(index: number): string {
  const at = new Date(Date.UTC(2026, 0, 1) + index * 3_600_000);
  const id = String(index);
  const lines = [JSON.stringify(stamped({ type: "started", id, model: "demo", prompt: "chat", settings: {} }, at))];
  for (let seq = 1; seq <= MESSAGES; seq++) {
    const words = index % 100 === 7 && seq === 11 ? "今日の天気は？ ﾃﾝｷ and the WEATHER " : "";
    const text = words + (TEXTS[(index + seq) % TEXTS.length] ?? "").repeat(4);
    const message = storedFrom(seq % 2 === 1 ? new HumanMessage(text) : new AIMessage(text));
    lines.push(JSON.stringify(stamped({ type: "message", seq, message }, at)));
  }
  return `${lines.join("\n")}\n`;
}

function measure(what: string, run: () => number): SessionsRow {
  let found = run();
  const times = Array.from({ length: ROUNDS }, () => {
    const begin = performance.now();
    found = run();
    return performance.now() - begin;
  }).toSorted((one, other) => one - other);
  return { what, found, median: times[Math.floor(ROUNDS / 2)] ?? 0, slowest: times.at(-1) ?? 0 };
}
