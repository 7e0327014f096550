import { pathsBeginningWith } from "../attachments/complete-path.ts";
import type { Chat } from "../chat.ts";
import type { Messages } from "../language/index.ts";
import type { ToolGroup } from "../../tools/switchable-tools.ts";
import { splitToolWords, TOOL_WORDS } from "../../tools/tool-spec.ts";
import type { Talk, ToolSwitch } from "../talk.ts";
import { DONE, type SlashCommand } from "./slash-command.ts";

/** `/tools on …`, `/tools off …`; anything else names exactly those that are to be on. */
const SWITCHES: readonly ToolSwitch[] = ["on", "off"];

export const tools: SlashCommand = {
  parameters: "[on|off] [name…]",
  choices: choicesFor,
  async run(argument, chat) {
    const [first = "", ...rest] = splitToolWords(argument);
    const how = SWITCHES.find((name) => name === first);
    if (how === "on" && rest.length === 0) chat.screen.note(chat.messages.needsArgument("/tools on", "<name…>"));
    else if (how !== undefined) await chat.talk.switchTools(how, rest);
    else if (first !== "") await chat.talk.switchTools("set", [first, ...rest]);
    showTools(chat);
    return DONE;
  },
};

/** What is offered, and what could be. */
export function showTools({ talk, screen, messages }: Chat): void {
  if (talk.tools.length === 0) screen.note(messages.noTools);
  else screen.title(messages.toolsTitle);
  for (const { word, tools: members } of talk.tools) {
    screen.entry(members.some(({ isOn }) => isOn) ? word : messages.toolOff(word), namesIn(word, members, messages));
  }
  screen.note(messages.toolsToSwitchOn(notOpen(talk).join(", ")));
}

/** Nothing where the word says it all. */
function namesIn(word: string, members: ToolGroup["tools"], messages: Messages): string {
  const names = members.map(({ name }) => name);
  if (names.join() === word || !members.some(({ isOn }) => isOn)) return "";
  return members.map(({ name, isOn }) => (isOn ? name : messages.toolOff(name))).join(", ");
}

function notOpen(talk: Talk | undefined): readonly string[] {
  const open = new Set((talk?.tools ?? []).map(({ word }) => word));
  return TOOL_WORDS.filter((word) => !open.has(word));
}

/** The last word of what is typed, after those that stand already. */
function choicesFor(talk: Talk | undefined, argument: string, folder: string): readonly string[] {
  const last = /[^\s,]*$/.exec(argument)?.[0] ?? "";
  const before = argument.slice(0, argument.length - last.length);
  const [, kind, path] = /^(files|read|command|mcp):(.*)$/s.exec(last) ?? [];
  if (kind !== undefined) return pathsBeginningWith(path ?? "", folder).map((found) => `${before}${kind}:${found}`);
  const words =
    before.trim() === "" ? [...SWITCHES, ...namesFor("set", talk)] : namesFor(before.trim().split(/\s/)[0], talk);
  return words.map((word) => before + word);
}

function namesFor(how: string | undefined, talk: Talk | undefined): readonly string[] {
  const groups = talk?.tools ?? [];
  const members = groups.flatMap(({ tools: all }) => all);
  const openable = notOpen(talk).map((word) => word.replace(/(?<=:).*/, ""));
  if (how === "on") return [...openable, ...members.filter(({ isOn }) => !isOn).map(({ name }) => name)];
  const names = [...groups.map(({ word }) => word), ...members.filter(({ isOn }) => isOn).map(({ name }) => name)];
  return [...new Set(how === "off" ? names : [...names, ...openable])];
}
