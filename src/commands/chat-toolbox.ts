import { homeFolder } from "../platform/home-folder.ts";
import { agentChannels } from "../../chains/index.ts";
import type { Agent } from "../chat/ask-model.ts";
import type { Messages } from "../chat/language/index.ts";
import type { GptOssError } from "../errors.ts";
import { sentencesOf } from "../failures/failure.ts";
import {
  describeToolEvent,
  parseToolSpec,
  refuseAll,
  SwitchableTools,
  type ToolEvent,
  type ToolRequest,
} from "../tools/index.ts";
import type { ChatConsole } from "./chat-console.ts";
import { approveInChat } from "./chat-tools.ts";
import type { World } from "./world.ts";

export interface OpenToolsOptions {
  readonly flags: { readonly tools?: string };
  readonly world: World;
  readonly console: ChatConsole;
  readonly messages: Messages;
}

/**
 * The tools of a chat, and the agent that answers with them.
 * @param kept what an earlier chat of the session had on; the flags come first
 */
export async function openTools(
  { flags, world, console, messages }: OpenToolsOptions,
  kept: readonly string[] | undefined,
) {
  const { screen } = console;
  const write = (text: string) => {
    screen.stopWaiting();
    return world.stderr.write(text);
  };
  const approve = screen.interactive ? approveInChat(console.reader, { write }, messages.language) : refuseAll;
  const { language } = messages;
  const onProblem = (problem: GptOssError) => {
    write(`${sentencesOf(problem, language).message}\n`);
  };
  const tools = new SwitchableTools({ approve, environment: world.environment, language, onProblem });
  if (flags.tools !== undefined) await tools.on(parseToolSpec(flags.tools, homeFolder()).map(wordOf));
  else if (kept !== undefined) {
    for (const failure of await tools.restore(kept))
      world.stderr.write(`${sentencesOf(failure, messages.language).message}\n`);
  }
  const onToolEvent = (event: ToolEvent) => {
    screen.aside(describeToolEvent(event));
  };
  const agent: Agent = (options) => agentChannels({ ...options, tools: tools.tools, onToolEvent });
  return { agent, tools };
}

function wordOf({ kind, path }: ToolRequest): string {
  return path === undefined ? kind : `${kind}:${path}`;
}
