import { spawnSync } from "node:child_process";
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { AIMessage, HumanMessage } from "@langchain/core/messages";
import { packageFile } from "../../../src/platform/folders.ts";
import { Session } from "../../../src/memory/session.ts";
import { JAPANESE } from "../support/cli-environment.ts";
import { type LiveServer, startLiveServer } from "../support/live-server.ts";
import { runCli } from "../support/run-cli.ts";
import { Terminal } from "../support/terminal.ts";

let server: LiveServer;
let data: string;
beforeAll(async () => {
  server = await startLiveServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), "gpt-oss-data-"));
});
afterEach(() => rm(data, { recursive: true, force: true }));

const environment = () => ({
  OPENAI_BASE_URL: `${server.baseUrl}/v1`,
  OPENAI_API_KEY: server.apiKey,
  GPT_OSS_DATA: data,
});
const cli = (words: readonly string[], input = "") => runCli(words, { input, environment: environment() });
const sessions = (...words: string[]) => cli(["sessions", ...words]);

async function keep(id: string, ...texts: string[]): Promise<void> {
  const session = await Session.open({ folder: join(data, "sessions"), id });
  session.begin({ model: "demo", prompt: "chat", settings: {} });
  for (const [index, text] of texts.entries())
    session.addMessage(index % 2 === 0 ? new HumanMessage(text) : new AIMessage(text));
  session.close();
}

describe("gpt-oss chat", () => {
  it("saves a session, and continues the last one, a named one, and a copy", async () => {
    await cli(["chat"], "My name is Alice.\n");
    await cli(["chat"], "My name is Bob.\n");
    const last = await cli(["chat", "--continue"], "What is my name?\n");
    expect(last.stdout).toContain("Bob");
    expect(last.stderr).toMatch(/^\S+ "My name is Bob\." \(1 turn, \d{4}-\d\d-\d\d\)\n$/);
    expect((await cli(["chat", "--resume", "alice"], "What is my name?\n")).stdout).toContain("Alice");
    const fork = await cli(["chat", "--fork", "Bob"], "What is my name?\n");
    expect(fork.stdout).toContain("Bob");
    expect(await readdir(join(data, "sessions"))).toHaveLength(3);
  });

  it("keeps nothing with --no-save, and no session of a chat without a word", async () => {
    await cli(["chat", "--no-save"], "Hello\n");
    await cli(["chat"], "");
    expect((await sessions("list")).stdout).toBe("");
    expect((await sessions("list")).stderr).toBe("There are no sessions yet. Start one with: gpt-oss chat\n");
  });

  it.each([
    [["--continue"], /no session to continue/],
    [["--resume", "nothing"], /^Session not found: "nothing"\.\n/],
    [["--resume"], /^Can't choose a session without a terminal\.\n/],
    [["--continue", "--fork", "x"], /^--continue, --resume and --fork\b/],
    [["--memory", "all"], /^Invalid --memory "all": use summary, window, none\.\n/],
  ])("says in a sentence what is wrong with %j", async (words, sentence) => {
    const { status, stderr, stdout } = await cli(["chat", ...words], "Hello\n");
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(sentence);
  });

  it("tells a second chat that the session is open in a first", async () => {
    await keep("one", "My name is Alice.", "Nice to meet you, Alice.");
    const session = await Session.open({ folder: join(data, "sessions"), id: "one" });
    const second = await cli(["chat", "--continue"], "Hello\n");
    expect([second.status, second.stdout]).toEqual([1, ""]);
    expect(second.stderr).toBe(
      `The session one is open in another process (pid ${process.pid}).\nClose it, or continue in a copy: gpt-oss chat --fork one\n`,
    );
    expect((await cli(["chat", "--fork", "one"], "What is my name?\n")).stdout).toContain("Alice");
    session.close();
  });

  it("reports a damaged session, and continues with the rest of it", async () => {
    await keep("one", "My name is Alice.", "Nice to meet you, Alice.");
    await appendFile(join(data, "sessions", "one.jsonl"), '{"v":1,"at":"20');
    const { stdout, stderr } = await cli(["chat", "--continue"], "What is my name?\n");
    expect(stdout).toContain("Alice");
    expect(stderr).toMatch(/^The session one is damaged: line 4 is incomplete\./);
  });

  it("lets a person pick a session from a list", async () => {
    await keep("20260101-a", "My name is Alice.", "Nice to meet you, Alice.");
    await keep("20260102-b", "My name is Bob.", "Nice to meet you, Bob.");
    const terminal = new Terminal(["chat", "--resume"], environment());
    try {
      await terminal.expect(/1 {2}\d{4}-\d\d-\d\d {2}My name is Bob\.\n +2 {2}.*Alice/);
      await terminal.expect(/Which session \(1 to 2\)\? /);
      terminal.type("9\r");
      await terminal.expect(/Which session \(1 to 2\)\? /);
      terminal.type("2\r");
      await terminal.expect(/Resuming: "My name is Alice\."/);
      await terminal.expect(/You: /);
      terminal.type("What is my name?\r");
      await terminal.expect(/Assistant: .*Alice/);
      terminal.type("exit\r");
      expect(await terminal.exitStatus()).toBe(0);
    } finally {
      terminal.kill();
    }
  });
});

/** A mount of one's own takes Linux's namespaces, which some machines and all Macs do not have. */
const canMount = spawnSync("unshare", ["-rm", "sh", "-c", "mount -t tmpfs -o size=1m tmpfs /mnt"]).status === 0;
const onOwnMount = canMount ? it : it.skip;

describe("a chat whose folder", () => {
  const script = (mount: string) => `${mount} && exec "$0" "$@"`;
  const chatOn = (mount: string, words: readonly string[], input: string) =>
    spawnSync(
      "unshare",
      ["-rm", "sh", "-c", script(mount), process.execPath, packageFile("dist/src/cli.js"), "chat", ...words],
      { input, encoding: "utf8", env: { ...process.env, ...environment(), NO_COLOR: "1" } },
    );

  onOwnMount("on a full disk answers, says that nothing is saved, and loses nothing that was there", async () => {
    await keep("one", "My name is Alice.", "Nice to meet you, Alice.");
    const before = await readFile(join(data, "sessions", "one.jsonl"), "utf8");
    const copyToSmallDisk =
      'cp -r "$GPT_OSS_DATA" /tmp/full-$$ && mount -t tmpfs -o size=16k tmpfs "$GPT_OSS_DATA" && cp -r /tmp/full-$$/. "$GPT_OSS_DATA" && rm -r /tmp/full-$$ && ' +
      '(head -c 100000 /dev/zero > "$GPT_OSS_DATA/filler" 2>/dev/null || true)';
    const { status, stdout, stderr } = chatOn(copyToSmallDisk, ["--continue"], `${"word ".repeat(1_000)}\n`);
    expect([status, stdout.length > 5]).toEqual([0, true]);
    expect(stderr).toMatch(/^This conversation is not saved: The disk is full/m);
    expect(await readFile(join(data, "sessions", "one.jsonl"), "utf8")).toBe(before);
  });

  onOwnMount("that can't be written answers without saving anything, also in an earlier conversation", async () => {
    await keep("one", "My name is Alice.", "Nice to meet you, Alice.");
    const readOnly = 'mount --bind "$GPT_OSS_DATA" "$GPT_OSS_DATA" && mount -o remount,ro,bind "$GPT_OSS_DATA"';
    const fresh = chatOn(readOnly, [], "Hello\n");
    expect([fresh.status, fresh.stdout.length > 5]).toEqual([0, true]);
    expect(fresh.stderr).toMatch(/^This conversation is not saved: .*EROFS/);
    const resumed = chatOn(readOnly, ["--continue"], "Hello\n");
    expect([resumed.status, resumed.stdout.length > 5]).toEqual([0, true]);
    expect(resumed.stderr).toMatch(/^This conversation is not saved: .*EROFS/m);
    expect(await readdir(join(data, "sessions"))).toEqual(["one.jsonl"]);
  });
});

describe("gpt-oss sessions", () => {
  beforeEach(async () => {
    await keep("20260101-a", "今日の天気は？", "晴れです。", "ﾃﾝｷをもう一度", "雨です。");
    await keep("20260102-b", "Weather in Osaka", "I can't know.");
  });

  it("lists, shows and searches on standard output", async () => {
    const list = await sessions("list");
    expect(list.stdout).toMatch(
      /^20260102-b {2}\d{4}-\d\d-\d\d \d\d:\d\d {5}1 turn {3}demo {2}Weather in Osaka\n20260101-a {2}.* 2 turns {2}demo {2}今日の天気は？\n$/,
    );
    expect((await sessions("show", "天気")).stdout).toBe(
      "You: 今日の天気は？\nAssistant: 晴れです。\nYou: ﾃﾝｷをもう一度\nAssistant: 雨です。\n",
    );
    expect((await sessions("search", "テンキ")).stdout).toMatch(
      /^20260101-a {2}[\d: -]{16} {2}You: {2}ﾃﾝｷをもう一度\n$/,
    );
    expect((await sessions("search", "天気")).stdout).toContain("今日の天気は？");
    expect((await sessions("search", "WEATHER", "in")).stdout).toContain("Weather in Osaka");
    const nothing = await sessions("search", "snow");
    expect(nothing).toEqual({ status: 0, stdout: "", stderr: 'No messages match "snow".\n' });
  });

  it("speaks Japanese where the locale does", async () => {
    const japanese = (...words: string[]) =>
      runCli(["sessions", ...words], { environment: { ...environment(), ...JAPANESE } });
    expect((await japanese("list")).stdout).toMatch(/^20260102-b {2}\S+ \S+ {8}1 回 {2}demo {2}Weather in Osaka\n/);
    expect((await japanese("show", "天気")).stdout).toMatch(/^あなた: 今日の天気は？\nアシスタント: 晴れです。\n/);
    expect((await japanese("search", "snow")).stderr).toMatch(/"snow".*ありません|見つかりません/);
    await appendFile(join(data, "sessions", "20260102-b.jsonl"), '{"v":1,"at":"20');
    expect((await japanese("show", "20260102-b")).stderr).toMatch(/^会話 20260102-b が壊れています: 4 行目が/);
    expect((await japanese("delete", "20260102-b", "--yes")).stderr).toMatch(/20260102-b を削除しました。\n$/);
  });

  it("says the same in JSON", async () => {
    expect(JSON.parse((await sessions("list", "--json")).stdout)).toMatchObject([
      { id: "20260102-b", title: "Weather in Osaka", model: "demo", turns: 1 },
      { id: "20260101-a", title: "今日の天気は？", model: "demo", turns: 2 },
    ]);
    expect(JSON.parse((await sessions("search", "テンキ", "--json")).stdout)).toMatchObject([
      { id: "20260101-a", kind: "human", text: "ﾃﾝｷをもう一度", ranges: [{ start: 0, end: 3 }] },
    ]);
    expect(JSON.parse((await sessions("show", "20260102-b", "--json")).stdout)).toMatchObject({ version: 1 });
  });

  it("asks about a title that would steer the terminal without letting it", async () => {
    await keep("20260103-c", "Hello");
    await sessions("rename", "20260103-c", "\u001B]0;evil\u0007 \u009B31m \u202Eevil");
    const terminal = new Terminal(["sessions", "delete", "20260103-c"], environment());
    await terminal.expect(/\[Y\/n\] /);
    terminal.kill();
    expect(terminal.text).toContain(String.raw`\u{1b}]0;evil\u{7} \u{9b}31m \u{202e}evil`);
    for (const raw of ["\u001B]0;evil", "\u009B31m", "\u202E"]) expect(terminal.written).not.toContain(raw);
  });

  it("renames, exports, deletes and imports", async () => {
    await sessions("rename", "20260102-b", "大阪の", "天気");
    expect((await sessions("list")).stdout).toContain("大阪の 天気");
    expect((await sessions("export", "20260102-b")).stdout).toMatch(/^# 大阪の 天気\n/);
    const file = join(data, "b.json");
    await sessions("export", "20260102-b", "--format", "json", "--output", file);
    const again = await sessions("export", "20260102-b", "--output", file);
    expect([again.status, again.stdout]).toEqual([1, ""]);
    const asked = await sessions("delete", "20260102-b");
    expect([asked.status, asked.stderr]).toEqual([2, expect.stringMatching(/without a terminal: .*20260102-b/)]);
    expect((await sessions("delete", "20260102-b", "--yes")).status).toBe(0);
    expect(await readdir(join(data, "sessions"))).toEqual(["20260101-a.jsonl"]);
    expect((await sessions("import", file)).stderr).toContain("as 20260102-b");
    expect((await cli(["sessions", "import", "-"], await readFile(file, "utf8"))).status).toBe(0);
    expect(JSON.parse((await sessions("list", "--json")).stdout)).toHaveLength(3);
    await writeFile(file, "{}");
    const wrong = await sessions("import", file);
    expect([wrong.status, wrong.stdout]).toEqual([2, ""]);
    expect(wrong.stderr).toMatch(/session.*format: /);
  });

  it("names what is not there", async () => {
    for (const words of [
      ["show"],
      ["show", "none"],
      ["rename", "none", "x"],
      ["delete", "none", "--yes"],
      ["search", " "],
    ]) {
      const { status, stdout, stderr } = await sessions(...words);
      expect([words, status, stdout]).toEqual([words, 2, ""]);
      expect(stderr.length).toBeGreaterThan(10);
      expect(stderr).not.toMatch(/\n {4}at /);
    }
  });
});
