import { agentChannels, conversationChannels } from "../../chains/index.ts";
import { chatLoop } from "../chat/loop.ts";
import { PipeLineReader, TerminalLineReader } from "../chat/line-reader.ts";
import { Screen } from "../chat/screen.ts";
import { type ConfigText, readConfig } from "../config/config.ts";
import type { Memory } from "../memory/memory.ts";
import type { ChatGptOss } from "../model/chat-gpt-oss.ts";
import { createChatModel, localDate } from "../model/create-chat-model.ts";
import { explainModelError } from "../model/model-error.ts";
import { loadPrompt, type Prompt } from "../prompts.ts";
import { createTools, describeToolEvent, refuseAll, type ToolEvent } from "../tools/index.ts";
import { chatMemory, type MemoryFlags, strategyOf } from "./chat-memory.ts";
import { type ChatSession, openChatSession, type SessionFlags } from "./chat-session.ts";
import { approveInChat } from "./chat-tools.ts";
import { ensureServer } from "./ensure-server.ts";
import type { World } from "./world.ts";

export interface ChatFlags extends ConfigText, SessionFlags, MemoryFlags {
  readonly showThinking?: boolean;
  /** What the model may do: `calculator,clock,files:PATH`. */
  readonly tools?: string;
}

/** `gpt-oss chat`: from whatever is here to a conversation. */
export async function chat(flags: ChatFlags, world: World): Promise<number> {
  const config = readConfig({ flags, environment: world.environment, folder: world.folder });
  const note = (sentence: string) => world.stderr.write(`${sentence}\n`);
  const prompt = loadPrompt(flags.tools === undefined ? "chat" : "agent");
  strategyOf(flags);
  using session = await openChatSession(flags, world);
  if (config.baseUrl === undefined) await ensureServer(config, world);
  const { environment, signal } = world;
  // the model is told the date of the session, not that of today: another date would make the server read everything anew
  const currentDate = session.currentDate ?? localDate(new Date());
  await using model = await createChatModel({
    ...config,
    environment,
    signal,
    now: new Date(`${currentDate}T12:00`),
    onNotice: ({ message }) => {
      note(message);
    },
  });
  announce(model, note);
  session.begin({
    model: model.model,
    prompt: prompt.name,
    settings: { effort: config.effort, currentDate, context: model.contextSize },
  });
  const { history } = session;
  await using memory = chatMemory({ model, history, prompt, config, flags, currentDate, onNotice: note });
  return await converse({ model, history, memory, prompt, flags, world });
}

function announce({ model: name }: ChatGptOss, note: (sentence: string) => void): void {
  if (name === "demo")
    note("This is the small demo model, which knows very little; npx gpt-oss setup fetches gpt-oss-20b.");
}

interface Conversation {
  readonly model: ChatGptOss;
  readonly history: ChatSession["history"];
  readonly memory: Memory;
  readonly prompt: Prompt;
  readonly flags: ChatFlags;
  readonly world: World;
}

async function converse({ model, history, memory, prompt, flags, world }: Conversation): Promise<number> {
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
    const approve = interactive ? approveInChat(reader, stderr) : refuseAll;
    await using toolbox =
      flags.tools === undefined ? undefined : await createTools(flags.tools, { approve, environment });
    const onToolEvent = (event: ToolEvent) => {
      screen.note(describeToolEvent(event));
    };
    return await chatLoop({
      conversation: toolbox
        ? agentChannels({ model, tools: toolbox.tools, prompt, history, memory, onToolEvent })
        : conversationChannels({ model, prompt, memory }),
      reader,
      screen,
      signal,
      explain: (failure) => explainModelError(failure, model.baseUrl),
    });
  } finally {
    signal.removeEventListener("abort", close);
    reader.close();
  }
}
