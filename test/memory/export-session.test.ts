import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AIMessage, HumanMessage } from "@langchain/core/messages";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { exportSession, importSession, htmlOf, markdownOf } from "../../src/memory/export-session.ts";
import { loadSession } from "../../src/memory/session-folder.ts";
import { Session } from "../../src/memory/session.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-export-"));
  const session = await Session.open({ folder, id: "one", now: () => new Date("2026-11-26T02:00:00Z") });
  session.begin({ model: "demo", prompt: "chat", settings: {} });
  session.addMessage(new HumanMessage("天気は？"));
  session.endAnswer(new AIMessage("晴れ"), true);
  session.close();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("an exported session", () => {
  it("comes back as the same one elsewhere, and under another id where its own is taken", async () => {
    const text = JSON.stringify(exportSession(loadSession(folder, "one")));
    const elsewhere = join(folder, "elsewhere");
    expect((await importSession(elsewhere, text, "it")).id).toBe("one");
    expect(exportSession(loadSession(elsewhere, "one"))).toEqual(exportSession(loadSession(folder, "one")));
    const { id } = await importSession(elsewhere, text, "it");
    expect(id).not.toBe("one");
    expect(loadSession(elsewhere, id).state.messages).toHaveLength(2);
    expect(loadSession(elsewhere, id).state.started?.id).toBe(id);
  });

  it.each([
    ["{", /^it is not a session export: /],
    ["[]", /^it is not a session export: it: /],
    ['{"format":"langchain-gpt-oss.session","version":1,"id":"../x","events":[]}', /id: /],
    ['{"format":"langchain-gpt-oss.session","version":2,"id":"x","events":[]}', /version: /],
    ['{"format":"langchain-gpt-oss.session","version":1,"id":"x","events":[{"v":1}]}', /events\.0/],
  ])("is refused when it is %s", async (text, sentence) => {
    await expect(importSession(folder, text, "it")).rejects.toThrow(sentence);
  });

  it("brings no tools along: a file of somebody else's may not say what is offered or started", async () => {
    const session = await Session.open({ folder, id: "one" });
    session.offerTools(["calculator", "mcp:/tmp/theirs.json"]);
    session.close();
    expect(loadSession(folder, "one").state.tools).toEqual(["calculator", "mcp:/tmp/theirs.json"]);
    const text = JSON.stringify(exportSession(loadSession(folder, "one")));
    const { id, state } = await importSession(folder, text, "it");
    expect([state.tools, loadSession(folder, id).state.tools]).toEqual([undefined, undefined]);
    expect(loadSession(folder, id).state.messages).toHaveLength(2);
  });

  it("is a page of Markdown too", () => {
    expect(markdownOf(loadSession(folder, "one"))).toBe(
      "# 天気は？\n\nSession one, demo, 2026-11-26\n\n## You (2026-11-26 02:00 UTC)\n\n天気は？\n\n" +
        "## Assistant (2026-11-26 02:00 UTC)\n\n晴れ\n\n*(interrupted)*\n",
    );
  });

  it("is a page for a browser too, in which nothing that was said can do anything", async () => {
    const session = await Session.open({ folder, id: "two" });
    session.addMessage(new HumanMessage("1 < 2\n<script>alert(1)</script>"));
    session.endAnswer(
      new AIMessage(
        "**Yes** <img src=x onerror=alert(1)> [a](javascript:alert(1)) ![b](http://tracker/x.png)\n\n| a |\n|---|\n| 1 |",
      ),
      false,
    );
    session.close();
    const page = htmlOf(loadSession(folder, "two"));
    expect(page).toContain("1 &lt; 2\n&lt;script&gt;");
    expect(page).toContain("<strong>Yes</strong> &lt;img src=x onerror=alert(1)&gt; a (javascript:alert(1))");
    expect(page).toContain('<a href="http://tracker/x.png" rel="noreferrer">b</a>');
    expect(page).toContain("<td>1</td>");
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(page).not.toMatch(/<(?:script|img)|href="javascript/);
  });
});
