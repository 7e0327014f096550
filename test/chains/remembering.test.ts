import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InMemoryChatMessageHistory } from "@langchain/core/chat_history";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { remembering } from "../../chains/index.ts";
import { alone, type Generate, StreamingChain } from "../../chains/streaming.ts";
import { createMemory, type MemoryOutput, Session, SessionHistory } from "../../src/index.ts";

/** What a chain puts out here: an answer's text in brackets, anything else as it is. */
const answerIn = (piece: string) => /^\[(.*)\]$/s.exec(piece)?.[1] ?? "";
const joined = (pieces: string[]) => pieces.join("|");

let folder: string;
let session: Session;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "gpt-oss-remembering-"));
  session = await Session.open({ folder, id: "talk" });
});
afterEach(() => {
  session.close();
  rmSync(folder, { recursive: true });
});

/** The chain of a generator, with the memory of the test's session around it. */
function talkWith(generate: Generate<MemoryOutput, string>) {
  const memory = createMemory({ history: new SessionHistory(session) });
  return remembering({ memory, chain: new StreamingChain(generate, joined), answerIn, join: joined });
}

function saying(...pieces: string[]) {
  return talkWith(async function* () {
    yield* await Promise.resolve(pieces);
  });
}

const kept = () => session.state.messages.map(({ message, interrupted }) => [message.type, message.text, interrupted]);

describe("remembering", () => {
  it("gives the chain the question and what was said before it", async () => {
    const seen: unknown[] = [];
    const talk = talkWith(async function* ({ input, history }) {
      seen.push([input, history.map(({ text }) => text)]);
      yield await Promise.resolve("[はい]");
    });
    await talk.invoke("一つ");
    await talk.invoke("");
    expect(seen).toEqual([
      ["一つ", []],
      ["", ["一つ", "はい"]],
    ]);
  });

  it("hands every piece on, all of them joined when invoked, and keeps the answer's text alone", async () => {
    const pieces: string[] = [];
    for await (const piece of await saying("thinking", "[こん]", "[にちは]").stream("?")) pieces.push(piece);
    expect(pieces).toEqual(["thinking", "[こん]", "[にちは]"]);
    expect(await saying("[a]", "b").invoke("!")).toBe("[a]|b");
    expect(kept()).toEqual([
      ["human", "?", false],
      ["ai", "こんにちは", false],
      ["human", "!", false],
      ["ai", "a", false],
    ]);
  });

  it("has a piece on the disk before it is shown, and nothing there for one that is no answer", async () => {
    const drafts: unknown[] = [];
    const draft = join(folder, "talk.draft");
    // not stream(), which reads on before it is asked to
    for await (const piece of saying("thinking", "[a]", "[b]").transform(alone("?"), {}))
      drafts.push([piece, existsSync(draft) ? readFileSync(draft, "utf8").split("\n")[1] : undefined]);
    expect(drafts).toEqual([
      ["thinking", undefined],
      ["[a]", "a"],
      ["[b]", "ab"],
    ]);
  });

  it("keeps as interrupted what was read until the reader left", async () => {
    for await (const piece of await saying("[a]", "[b]", "[c]").stream("?")) if (piece === "[b]") break;
    // a piece that was under way is kept too
    expect(kept().at(-1)).toEqual(["ai", expect.stringMatching(/^abc?$/), true]);
  });

  it("keeps as interrupted what had come when the signal was aborted, though the chain does not mind", async () => {
    const stop = new AbortController();
    const talk = talkWith(async function* () {
      yield await Promise.resolve("[a]");
      stop.abort();
    });
    await talk.invoke("?", { signal: stop.signal }).catch((error: unknown) => error);
    while (session.state.messages.length < 2) await new Promise(setImmediate);
    expect(kept().at(-1)).toEqual(["ai", "a", true]);
  });

  it("keeps as interrupted what had come when the chain failed, and passes the failure on", async () => {
    const talk = talkWith(async function* () {
      yield await Promise.resolve("[a]");
      throw new Error("server gone");
    });
    await expect(talk.invoke("?")).rejects.toThrow("server gone");
    expect(kept()).toEqual([
      ["human", "?", false],
      ["ai", "a", true],
    ]);
  });

  it("lets the caller's signal end what the memory does before the question", async () => {
    const memory = createMemory({ history: new InMemoryChatMessageHistory() });
    jest.spyOn(memory, "invoke").mockImplementation(async (_input, config) => {
      await new Promise((_resolve, reject) => {
        config?.signal?.addEventListener("abort", () => reject(new Error("the summary was aborted")));
      });
      throw new Error("nothing ends it");
    });
    const chain = new StreamingChain<MemoryOutput, string>(async function* () {
      yield await Promise.resolve("[a]");
    }, joined);
    const stop = new AbortController();
    const first = remembering({ memory, chain, answerIn, join: joined }).transform(alone("?"), { signal: stop.signal });
    setImmediate(() => stop.abort());
    await expect(first.next()).rejects.toThrow("the summary was aborted");
  });

  it("keeps no answer where there was none", async () => {
    const history = new InMemoryChatMessageHistory();
    const memory = createMemory({ history });
    const chain = new StreamingChain<MemoryOutput, string>(async function* () {
      yield await Promise.resolve("thinking");
    }, joined);
    await remembering({ memory, chain, answerIn, join: joined }).invoke("?");
    expect((await history.getMessages()).map(({ type }) => type)).toEqual(["human"]);
  });
});
