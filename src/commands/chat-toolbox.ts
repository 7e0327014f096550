import { agentChannels } from "../../chains/index.ts";
import type { Agent } from "../chat/ask-model.ts";
import { createTools, describeToolEvent, refuseAll, type ToolEvent } from "../tools/index.ts";
import type { ChatConsole } from "./chat-console.ts";
import { approveInChat } from "./chat-tools.ts";
import type { World } from "./world.ts";

export interface OpenToolsOptions {
  readonly flags: { readonly tools?: string };
  readonly world: World;
  readonly console: ChatConsole;
}

/** The tools that a chat's flags name, and the agent that answers with them; undefined when none are named. */
export async function openTools({ flags, world, console }: OpenToolsOptions) {
  if (flags.tools === undefined) return undefined;
  const { screen } = console;
  const write = (text: string) => {
    screen.stopWaiting();
    return world.stderr.write(text);
  };
  const approve = screen.interactive ? approveInChat(console.reader, { write }) : refuseAll;
  const toolbox = await createTools(flags.tools, { approve, environment: world.environment });
  const onToolEvent = (event: ToolEvent) => {
    screen.aside(describeToolEvent(event));
  };
  const agent: Agent = (options) => agentChannels({ ...options, tools: toolbox.tools, onToolEvent });
  return {
    agent,
    names: toolbox.tools.map(({ name }) => name),
    close: async () => {
      await toolbox[Symbol.asyncDispose]();
    },
  };
}
