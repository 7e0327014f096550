import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "@jest/globals";
import { createChatModel } from "../../../src/model/create-chat-model.ts";
import type { ModelNotice } from "../../../src/model/notice.ts";
import { startLiveServer } from "../support/live-server.ts";

afterEach(() => {
  delete process.env["LANGSMITH_TRACING"];
});

/** Whether there is a server, whatever it says. */
async function answers(address: string): Promise<boolean> {
  return await fetch(address).then(
    () => true,
    () => false,
  );
}

describe("createChatModel", () => {
  it("starts a server, knows its context, and lets go of it at the end of the block, so that it goes", async () => {
    let ended: Promise<void>;
    let address: string;
    {
      await using model = await createChatModel({ model: "demo", context: 2_048 });
      ({ ended } = model);
      address = model.baseUrl;
      expect(await answers(address)).toBe(true);
      expect(model.contextSize).toBe(2_048);
      expect(model.maxTokens).toBe(1_024);
      expect(model.model).toBe("demo");
      expect((await model.invoke("Hello")).text).toBe("Hello! How can I help you?");
    }
    await expect(ended).resolves.toBeUndefined();
    for (let wait = 0; wait < 100 && (await answers(address)); wait++) await sleep(50);
    expect(await answers(address)).toBe(false);
  });

  it("is not traced by LangSmith, says so, and leaves the environment alone", async () => {
    process.env["LANGSMITH_TRACING"] = "true";
    const notices: ModelNotice[] = [];
    await using model = await createChatModel({ model: "demo", onNotice: (notice) => notices.push(notice) });
    expect(process.env["LANGSMITH_TRACING"]).toBe("true");
    expect(notices).toMatchObject([{ kind: "tracing-off" }]);
    expect(model.contextSize).toBeGreaterThan(0);
  });

  it.each([
    ["raw", false],
    ["parsed", true],
  ])("attaches to a server that answers %s, and leaves it running", async (_, parsed) => {
    const server = await startLiveServer({ parsed, contextSize: 4_096 });
    try {
      const baseUrl = `${server.baseUrl}/v1`;
      const sampling = { temperature: 0 };
      const model = await createChatModel({ baseUrl, apiKey: server.apiKey, sampling });
      expect(model.contextSize).toBe(4_096);
      expect((await model.invoke("Hello")).text).toBe("Hello! How can I help you?");
      const tooLong = model.invoke("word ".repeat(6_000));
      await expect(tooLong).rejects.toMatchObject({ name: "ContextOverflowError", contextSize: 4_096 });
      await model.close();
      expect((await model.invoke("Hello")).text).toBe("Hello! How can I help you?");
    } finally {
      await server.stop();
    }
  });

  it("resumes inside an answer that was cut", async () => {
    await using model = await createChatModel({ model: "demo" });
    const text = "1 2 3 4 5";
    const rest = await model.invoke("Count to 8.", { resumeFrom: { channel: "final", text }, effort: "low" });
    expect(rest.text.trim()).toBe("6 7 8");
  });

  it("frees the server as soon as a call is aborted", async () => {
    await using model = await createChatModel({ model: "demo", maxTokens: 4_000 });
    const stop = new AbortController();
    const long = model.stream("Count to 100.", { signal: stop.signal, effort: "high" });
    for await (const chunk of await long.catch(() => [])) if (chunk.text !== "") break;
    stop.abort();
    // one slot: the next answer can only begin when the first has ended
    expect((await model.invoke("Hello")).text).toBe("Hello! How can I help you?");
  });
});
