import { distance } from "fastest-levenshtein";
import type { CommandName } from "./slash-command.ts";
import { SLASH_COMMANDS } from "./table.ts";

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
