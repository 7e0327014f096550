import { setTimeout } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { createToolAgent } from "../../../chains/index.ts";
import {
  type ApprovalRequest,
  type Approve,
  type ChatGptOss,
  createTools,
  type ToolEvent,
} from "../../../src/index.ts";
import { type FileFolder, makeFileFolder } from "../../tools/support/file-folder.ts";
import { liveModel } from "../support/live-model.ts";
import { type LiveServer, startLiveServer } from "../support/live-server.ts";

let server: LiveServer;
let model: ChatGptOss;
let folder: FileFolder;
beforeAll(async () => {
  server = await startLiveServer();
  model = await liveModel(server);
});
afterAll(async () => {
  await server.stop();
});
beforeEach(async () => {
  folder = await makeFileFolder();
});
afterEach(async () => {
  await folder.remove();
});

/** The demo model calls what it is told to call. */
async function ask(approve: Approve, signal?: AbortSignal) {
  const { tools } = await createTools([{ kind: "command", path: folder.root }], { approve });
  const events: ToolEvent[] = [];
  const asked = createToolAgent({ model, tools, onToolEvent: (event) => events.push(event) });
  const answer = await asked
    .invoke('Use the tool run_command with {"program": "date"}', signal && { signal })
    .catch((error: unknown) => error);
  // a turn that is stopped does not wait for its tools, which hear of it at the same time
  while (events.length === 1) await setTimeout(5);
  return { answer, end: events.find(({ type }) => type === "tool-end") };
}

describe("a model that asks to run a command", () => {
  it("gets its output when the person says yes, having seen what", async () => {
    const requests: ApprovalRequest[] = [];
    const { answer, end } = await ask((request) => {
      requests.push(request);
      return Promise.resolve("once");
    });
    expect(requests).toMatchObject([{ tool: "run_command", detail: "date", scope: undefined }]);
    expect(end).toMatchObject({ outcome: "done", result: expect.stringMatching(/^\[exit 0\]\n.*\d\d:\d\d/) });
    expect(answer).toMatch(/^The tool says/);
  });

  it("learns that the person refused", async () => {
    const { answer, end } = await ask(() => Promise.resolve("refused"));
    expect(end).toMatchObject({ outcome: "refused", result: "Error: The user refused. Nothing was run." });
    expect(answer).toMatch(/^The tool failed/);
  });

  it("runs nothing when the turn is stopped while the person is asked", async () => {
    const stop = new AbortController();
    const { answer, end } = await ask(() => {
      stop.abort();
      return Promise.resolve("once");
    }, stop.signal);
    expect(answer).toBeInstanceOf(Error);
    expect(String(answer)).toMatch(/abort/i);
    // LangChain gives a tool up at the signal, perhaps before it can say that it was refused
    expect(end).toMatchObject({ outcome: expect.stringMatching(/^(refused|failed)$/) });
  });
});
