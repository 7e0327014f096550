import { type ChatText, textFor } from "../i18n/catalogue.ts";
import { detectLanguage } from "../i18n/language.ts";
import { chatLoop } from "../chat/loop.ts";
import { ChatStartup } from "../chat/chat-startup.ts";
import type { ChatSession } from "../chat/chat-session.ts";
import { type Config, type ConfigText, readConfig, foreignServer } from "../config/config.ts";
import { switchTracingOff } from "../config/tracing.ts";
import { ChatConsole, type MemoryFlags, strategyOf } from "./chat-console.ts";
import type { SessionFlags } from "./choose-session.ts";
import { parseToolSpec } from "../tools/tool-spec.ts";
import type { CommandContext } from "./command-options.ts";

export interface ChatFlags extends Omit<ConfigText, "plain">, SessionFlags, MemoryFlags {
  readonly showThinking?: boolean;
  readonly plain?: boolean;
  /** What the model may do: `calculator,clock,files:PATH`. */
  readonly tools?: string;
  /** Commands that the model may run without asking. */
  readonly allow?: readonly string[];
}

/** `gpt-oss chat`: sets up what is missing and opens a conversation. The prompt is on the screen before the model is loaded. */
export async function chat({ plain, ...flags }: ChatFlags, world: CommandContext): Promise<number> {
  const { environment, folder } = world;
  const sources = { flags: { ...flags, ...(plain && { plain: "true" }) }, environment, folder };
  const config = readConfig(sources);
  const messages = textFor(config.lang ?? detectLanguage(environment)).chat;
  using console = new ChatConsole({
    world,
    messages,
    thinkMode: flags.showThinking ? "show" : (config.think ?? "hide"),
    plain: config.plain === true,
    save: flags.save !== false,
  });
  // mistakes in flags are reported before anything is built
  strategyOf(flags);
  if (flags.tools !== undefined) parseToolSpec(flags.tools);
  if (switchTracingOff(config.tracing === true)) console.screen.note(messages.tracingOff);
  const foreign = foreignServer(sources);
  if (foreign) console.screen.note(messages.foreignServer(foreign.url, foreign.file));
  // a server at another address needs nothing on this machine
  const local = config.baseUrl === undefined ? await import("./local-model.ts") : undefined;
  const name = local === undefined ? config.model : await local.prepareModel(config, world, messages);
  if (name === "demo") console.screen.note(messages.demoModel);
  return await converse({ flags, config, world, console, messages });
}

interface Conversing {
  readonly flags: ChatFlags;
  readonly config: Config;
  readonly world: CommandContext;
  readonly console: ChatConsole;
  readonly messages: ChatText;
}

async function converse({ flags, config, world, console, messages }: Conversing): Promise<number> {
  const { screen } = console;
  const leaving = new AbortController();
  const load = async () => {
    const { startChatSession } = await import("./start-chat.ts");
    return await startChatSession({
      flags,
      config,
      world,
      messages,
      signal: AbortSignal.any([world.signal, leaving.signal]),
      onLoading: screen.loading,
      onNotice: console.notify,
      console,
      onNearlyFull(percent, turns) {
        if (screen.interactive) screen.note(messages.contextNearlyFull(percent, turns));
      },
    });
  };
  // a session may have to be picked from a list, or not exist: that comes before the first prompt
  const isNamed = [flags.continue, flags.resume, flags.fork, flags.tools].some((flag) => flag !== undefined);
  const early = isNamed ? await load() : undefined;
  const { reader } = console;
  const close = () => {
    reader.close();
  };
  world.signal.addEventListener("abort", close, { once: true });
  screen.greet();
  const chatSession = early === undefined ? afterFirstDraw(load) : Promise.resolve(early);
  void prepare(chatSession, console);
  try {
    return await chatLoop({
      messages,
      screen,
      folder: world.folder,
      edit: screen.interactive ? console.edit : undefined,
      copy: console.copy,
      opening: new ChatStartup(
        chatSession,
        chatSession.then(({ opened }) => opened),
      ),
      reader,
      signal: world.signal,
    });
  } finally {
    leaving.abort();
    world.signal.removeEventListener("abort", close);
    await chatSession.then((opened) => opened.close()).catch(() => undefined);
  }
}

/** Loading takes the processor for a moment, in which nothing could be drawn. */
async function afterFirstDraw<Result>(load: () => Promise<Result>): Promise<Result> {
  await new Promise((resolve) => setImmediate(resolve));
  return await load();
}

/** Work that can wait until the prompt is on the screen. */
async function prepare(chatSession: Promise<ChatSession>, console: ChatConsole): Promise<void> {
  try {
    console.chatSession = await chatSession;
    if (console.screen.interactive) await console.loadHighlighter();
  } catch {
    // the loop gets the error too, and reports it
  }
}
