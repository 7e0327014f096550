import { padTo, widthOf } from "../../text/width.ts";
import { context, copy, stats } from "./figure-commands.ts";
import { begin, clear, exportChat, resume, search, sessions, title } from "./session-commands.ts";
import { effort, model, set, system, think } from "./setting-commands.ts";
import { type CommandName, DONE, type SlashCommand } from "./slash-command.ts";
import { tools } from "./tool-commands.ts";
import { edit, goOn, retry, undo } from "./turn-commands.ts";

const help: SlashCommand = {
  run(_argument, { screen, messages }) {
    const rows = (Object.keys(SLASH_COMMANDS) as CommandName[]).map((name) => {
      const { parameters } = SLASH_COMMANDS[name];
      return { usage: `/${name}${parameters === undefined ? "" : ` ${parameters}`}`, text: messages.commands[name] };
    });
    const width = Math.max(...rows.map(({ usage }) => widthOf(usage)));
    screen.title(messages.commandsTitle);
    for (const { usage, text } of rows) screen.entry(padTo(usage, width), text);
    screen.title(messages.keysTitle);
    for (const text of Object.values(messages.keys)) screen.entry("", text);
    return DONE;
  },
};

/** All slash commands, in the order of help; their help texts are in the catalogue of languages. */
export const SLASH_COMMANDS: Readonly<Record<CommandName, SlashCommand>> = {
  help,
  exit: { run: () => ({ kind: "leave" }) },
  new: begin,
  clear,
  undo,
  retry,
  edit,
  continue: goOn,
  think,
  effort,
  system,
  model,
  tools,
  sessions,
  resume,
  search,
  title,
  export: exportChat,
  copy,
  context,
  stats,
  set,
};
