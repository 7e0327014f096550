import { distance } from "fastest-levenshtein";
import { padTo, widthOf } from "../../terminal/text-width.ts";
import { pathsBeginningWith } from "../attachments.ts";
import type { ChatSession } from "../chat-session.ts";
import {
  begin,
  clear,
  exportChat,
  resume,
  search,
  sessions,
  title,
  context,
  copy,
  stats,
  edit,
  goOn,
  retry,
  undo,
} from "./conversation-commands.ts";
import { effort, model, set, system, think, tools } from "./setting-commands.ts";
import { type CommandName, DONE, type SlashCommand } from "./slash-command.ts";

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

/** What was typed: something for the model, or something for the chat. */
export type ParsedLine =
  | { readonly kind: "message"; readonly text: string }
  | { readonly kind: "command"; readonly name: CommandName; readonly argument: string }
  | { readonly kind: "unknown"; readonly name: string; readonly nearest: CommandName | undefined };

/** Names that other chats have for the same. */
const ALIASES: Readonly<Record<string, CommandName>> = { quit: "exit", bye: "exit", "?": "help", regen: "retry" };
/** More letters than this apart, nothing is suggested. */
const FARTHEST = 3;

/** `/name argument` is a command, also with the full-width slash of a Japanese keyboard; a path (`/etc/hosts`) or `//` is not. */
export function parseLine(line: string): ParsedLine {
  if (line.startsWith("//")) return { kind: "message", text: line.slice(1) };
  const match = /^[/／]([\p{L}?-]+)(?:[ \t\u3000]+([\s\S]*))?$/u.exec(line);
  if (match === null) return { kind: "message", text: line };
  const name = (match[1] ?? "").normalize("NFKC").toLowerCase();
  const command = isCommand(name) ? name : ALIASES[name];
  if (command !== undefined) return { kind: "command", name: command, argument: (match[2] ?? "").trim() };
  return { kind: "unknown", name: `/${name}`, nearest: nearestTo(name) };
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(SLASH_COMMANDS, name);
}

function nearestTo(name: string): CommandName | undefined {
  const byDistance = (Object.keys(SLASH_COMMANDS) as CommandName[])
    .map((command) => ({ command, away: command.startsWith(name) ? 0 : distance(name, command) }))
    .toSorted((one, other) => one.away - other.away);
  const [best] = byDistance;
  return best !== undefined && best.away <= Math.min(FARTHEST, Math.ceil(name.length / 2)) ? best.command : undefined;
}

/** What Tab offers, and the end of the line that each offer takes the place of. */
export type Completion = readonly [offers: string[], part: string];

/** Slash commands, their arguments, and file names after `@`. */
export function completeLine(line: string, chatSession: ChatSession | undefined, folder: string): Completion {
  const word = /\S*$/.exec(line)?.[0] ?? "";
  if (word.startsWith("@")) {
    const paths = pathsBeginningWith(word.slice(1).replace(/^"/, ""), folder);
    return [paths.map((path) => (path.includes(" ") ? `@"${path}"` : `@${path}`)), word];
  }
  const command = /^\/(\S*)$/.exec(line);
  if (command) {
    const names = Object.keys(SLASH_COMMANDS).filter((name) => name.startsWith(command[1] ?? ""));
    return [names.map((name) => `/${name} `), line];
  }
  const [, name = "", argument = ""] = /^\/(\S+)\s+(.*)$/s.exec(line) ?? [];
  const { choices, takesPath } = Object.entries(SLASH_COMMANDS).find(([known]) => known === name)?.[1] ?? {};
  const offered = choices?.(chatSession, argument, folder).filter((choice) => choice.startsWith(argument)) ?? [];
  return [[...offered, ...(takesPath ? pathsBeginningWith(argument, folder) : [])], argument];
}
