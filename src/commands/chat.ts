import { conversationChannels } from "../../chains/index.ts";
import { cacheFolder } from "../../setup/folders.ts";
import { findServer } from "../../setup/find-server.ts";
import { thisMachine } from "../../setup/platform.ts";
import { Reporter } from "../../setup/reporter.ts";
import { runServerSteps } from "../../setup/server-steps.ts";
import { chatLoop } from "../chat/loop.ts";
import { PipeLineReader, TerminalLineReader } from "../chat/line-reader.ts";
import { Screen } from "../chat/screen.ts";
import { type Config, type ConfigText, readConfig } from "../config/config.ts";
import { switchTracingOff } from "../config/tracing.ts";
import type { Memory } from "../memory/memory.ts";
import { explainModelError } from "../model/model-error.ts";
import { localDate, type OpenChatModel, openChatModel } from "../model/open-chat-model.ts";
import { loadPrompt } from "../prompts.ts";
import { chatMemory, type MemoryFlags, strategyOf } from "./chat-memory.ts";
import { openChatSession, type SessionFlags } from "./chat-session.ts";
import type { World } from "./world.ts";

export interface ChatFlags extends ConfigText, SessionFlags, MemoryFlags {
  readonly showThinking?: boolean;
}

/** `gpt-oss chat`: from whatever is here to a conversation. */
export async function chat(flags: ChatFlags, world: World): Promise<number> {
  const config = readConfig({ flags, environment: world.environment, folder: world.folder });
  const note = (sentence: string) => world.stderr.write(`${sentence}\n`);
  if (switchTracingOff(config.tracing === true))
    note("LangSmith tracing is off: nothing leaves this machine unless you set GPT_OSS_TRACING=1.");
  const prompt = loadPrompt("chat");
  strategyOf(flags);
  using session = await openChatSession(flags, world);
  if (config.baseUrl === undefined) await ensureServer(config, world);
  // the model is told the date of the session, not that of today: another date would make the server read everything anew
  const currentDate = session.currentDate ?? localDate(new Date());
  await using chatModel = await openChatModel({
    ...config,
    environment: world.environment,
    signal: world.signal,
    now: new Date(`${currentDate}T12:00`),
  });
  announce(chatModel, note);
  session.begin({
    model: chatModel.name,
    prompt: prompt.name,
    settings: { effort: config.effort, currentDate, context: chatModel.contextSize },
  });
  const memory = await chatMemory({
    chatModel,
    history: session.history,
    prompt,
    config,
    flags,
    currentDate,
    onNotice: note,
  });
  try {
    return await converse(chatModel, memory, prompt, flags, world);
  } finally {
    await memory.close();
  }
}

/** Builds llama-server if there is none; asks nothing. */
async function ensureServer(config: Config, { environment, stderr, signal }: World): Promise<void> {
  const machine = thisMachine(environment, signal);
  const cache = cacheFolder(environment, machine.system === "darwin" ? "darwin" : "linux");
  if (await findServer({ machine, cache, named: config.llamaServer, usePath: true, signal })) return;
  stderr.write("There is no llama-server here yet, so it is built first.\n");
  const reporter = new Reporter(stderr);
  try {
    await runServerSteps({ machine, cache, reporter, signal, gpu: "auto", gitUrl: config.gitUrl });
  } finally {
    reporter.clear();
  }
}

function announce({ name }: OpenChatModel, note: (sentence: string) => void): void {
  if (name === "demo")
    note("This is the small demo model, which knows very little; npx gpt-oss setup fetches gpt-oss-20b.");
}

async function converse(
  chatModel: OpenChatModel,
  memory: Memory,
  prompt: ReturnType<typeof loadPrompt>,
  flags: ChatFlags,
  world: World,
): Promise<number> {
  const { stdin, stdout, stderr, signal, environment } = world;
  const interactive = stdin.isTTY;
  const reader = interactive ? new TerminalLineReader(stdin, stderr) : new PipeLineReader(stdin);
  const screen = new Screen({
    stdout,
    stderr,
    interactive,
    showThinking: flags.showThinking === true,
    colour: stderr.isTTY && !environment["NO_COLOR"] && environment["TERM"] !== "dumb",
  });
  const close = () => {
    reader.close();
  };
  signal.addEventListener("abort", close, { once: true });
  try {
    return await chatLoop({
      conversation: conversationChannels({ model: chatModel.model, prompt, memory }),
      reader,
      screen,
      signal,
      explain: (failure) => explainModelError(failure, chatModel.baseUrl),
    });
  } finally {
    signal.removeEventListener("abort", close);
    reader.close();
  }
}
