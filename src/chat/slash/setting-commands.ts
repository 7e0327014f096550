import { EFFORTS } from "../../config/effort.ts";
import type { ChatText } from "../../i18n/catalogue.ts";
import { THINK_MODES } from "../../i18n/language.ts";
import { readUserFile } from "../../platform/user-file.ts";
import type { ToolGroup } from "../../tools/switchable-tools.ts";
import { splitToolWords, TOOL_WORDS } from "../../tools/tool-spec.ts";
import { unescapeMentions, pathsBeginningWith } from "../attachments.ts";
import type { ChatSettings } from "../ask-model.ts";
import type { ChatSession, ToolSwitch } from "../chat-session.ts";
import { type Chat, DONE, type SlashCommand } from "./slash-command.ts";

/** Finds what was meant, and says what is allowed when it is nothing of that. */
function chosen<Choice extends string>(
  command: string,
  argument: string,
  choices: readonly Choice[],
  { screen, messages }: Chat,
): Choice | undefined {
  const choice = choices.find((candidate) => candidate === argument.toLowerCase());
  if (choice === undefined) screen.note(messages.wrongArgument(command, argument, choices.join(", ")));
  return choice;
}

export const think: SlashCommand = {
  parameters: "[hide|show|last]",
  choices: () => [...THINK_MODES, "last"],
  run(argument, chat) {
    const { screen, chatSession, messages } = chat;
    const mode =
      argument === "" ? screen.thinkMode : chosen("/think", argument, [...THINK_MODES, "last"] as const, chat);
    if (mode === "last") {
      const thinking = chatSession.last?.thinking ?? "";
      if (thinking === "") screen.note(messages.nothingThought);
      else screen.dim(thinking);
    } else if (mode !== undefined) {
      screen.thinkMode = mode;
      screen.note(messages.thinkIs(mode));
    }
    return DONE;
  },
};

export const effort: SlashCommand = {
  parameters: "[low|medium|high]",
  choices: () => EFFORTS,
  run(argument, chat) {
    const { chatSession, screen, messages } = chat;
    const level = argument === "" ? undefined : chosen("/effort", argument, EFFORTS, chat);
    if (level !== undefined) chatSession.change({ effort: level });
    if (argument === "" || level !== undefined)
      screen.note(messages.effortIs(chatSession.settings.effort ?? messages.effortDefault));
    return DONE;
  },
};

export const system: SlashCommand = {
  parameters: "[text|@file|-]",
  takesPath: true,
  run(argument, { chatSession, screen, messages, folder }) {
    if (argument === "") {
      const { system: text } = chatSession.settings;
      screen.note(text === undefined ? messages.systemNone : messages.systemIs(text));
    } else if (argument === "-") {
      chatSession.change({ system: undefined });
      screen.note(messages.systemRemoved);
    } else {
      const text = argument.startsWith("@")
        ? readUserFile(argument.slice(1), { folder }).trim()
        : unescapeMentions(argument);
      chatSession.change({ system: text });
      screen.note(messages.systemSet);
    }
    return DONE;
  },
};

export const model: SlashCommand = {
  parameters: "[name]",
  choices: () => ["demo", "gpt-oss-20b", "gpt-oss-120b"],
  async run(argument, { chatSession, screen, messages }) {
    if (argument !== "") await chatSession.changeModel(argument);
    const { name, baseUrl } = await chatSession.model();
    screen.note(argument === "" ? messages.modelIs(name, baseUrl) : messages.modelChanged(name));
    return DONE;
  },
};

interface NumberSetting {
  readonly field: "temperature" | "topP" | "maxTokens" | "seed";
  readonly allowed: string;
  readonly accepts: (value: number) => boolean;
}

const NUMBER_SETTINGS: Readonly<Record<string, NumberSetting>> = {
  temperature: { field: "temperature", allowed: "0 … 2", accepts: (value) => value >= 0 && value <= 2 },
  top_p: { field: "topP", allowed: "0 … 1", accepts: (value) => value >= 0 && value <= 1 },
  max_tokens: {
    field: "maxTokens",
    allowed: "1 … 1048576",
    accepts: (value) => Number.isInteger(value) && value >= 1 && value <= 1_048_576,
  },
  seed: { field: "seed", allowed: "0 … 4294967295", accepts: (value) => Number.isInteger(value) && value >= 0 },
};

export const set: SlashCommand = {
  parameters: "[name [value]]",
  choices: () => Object.keys(NUMBER_SETTINGS),
  run(argument, { chatSession, screen, messages }) {
    const [name = "", value] = argument.split(/[\s=]+/);
    const setting = NUMBER_SETTINGS[name];
    const shown = ({ field }: NumberSetting) => String(chatSession.settings[field] ?? messages.unset);
    if (name === "") {
      screen.note(messages.settingsTitle);
      for (const [key, entry] of Object.entries(NUMBER_SETTINGS)) screen.note(`  ${key}  ${shown(entry)}`);
    } else if (setting === undefined) {
      screen.note(messages.wrongArgument("/set", name, Object.keys(NUMBER_SETTINGS).join(", ")));
    } else if (value !== undefined && !(value === "-" || (value !== "" && setting.accepts(Number(value))))) {
      screen.note(messages.wrongArgument(`/set ${name}`, value, setting.allowed));
    } else {
      if (value !== undefined)
        chatSession.change({ [setting.field]: value === "-" ? undefined : Number(value) } satisfies ChatSettings);
      screen.note(messages.settingSet(name, shown(setting)));
    }
    return DONE;
  },
};

/** `/tools on …`, `/tools off …`; anything else names exactly those that are to be on. */
const SWITCHES: readonly ToolSwitch[] = ["on", "off"];

export const tools: SlashCommand = {
  parameters: "[on|off] [name…]",
  choices: choicesFor,
  async run(argument, chat) {
    const [first = "", ...rest] = splitToolWords(argument);
    const how = SWITCHES.find((name) => name === first);
    if (how === "on" && rest.length === 0) chat.screen.note(chat.messages.needsArgument("/tools on", "<name…>"));
    else if (how !== undefined) await chat.chatSession.switchTools(how, rest);
    else if (first !== "") await chat.chatSession.switchTools("set", [first, ...rest]);
    showTools(chat);
    return DONE;
  },
};

/** What is offered, and what could be. */
export function showTools({ chatSession, screen, messages }: Chat): void {
  if (chatSession.tools.length === 0) screen.note(messages.noTools);
  else screen.title(messages.toolsTitle);
  for (const { word, tools: members } of chatSession.tools) {
    screen.entry(members.some(({ isOn }) => isOn) ? word : messages.toolOff(word), namesIn(word, members, messages));
  }
  screen.note(messages.toolsToSwitchOn(notOpen(chatSession).join(", ")));
}

/** Nothing where the word says it all. */
function namesIn(word: string, members: ToolGroup["tools"], messages: ChatText): string {
  const names = members.map(({ name }) => name);
  if (names.join() === word || !members.some(({ isOn }) => isOn)) return "";
  return members.map(({ name, isOn }) => (isOn ? name : messages.toolOff(name))).join(", ");
}

function notOpen(chatSession: ChatSession | undefined): readonly string[] {
  const open = new Set((chatSession?.tools ?? []).map(({ word }) => word));
  return TOOL_WORDS.filter((word) => !open.has(word));
}

/** The last word of what is typed, after those that stand already. */
function choicesFor(chatSession: ChatSession | undefined, argument: string, folder: string): readonly string[] {
  const last = /[^\s,]*$/.exec(argument)?.[0] ?? "";
  const before = argument.slice(0, argument.length - last.length);
  const [, kind, path] = /^(files|read|command|mcp):(.*)$/s.exec(last) ?? [];
  if (kind !== undefined) return pathsBeginningWith(path ?? "", folder).map((found) => `${before}${kind}:${found}`);
  const words =
    before.trim() === ""
      ? [...SWITCHES, ...namesFor("set", chatSession)]
      : namesFor(before.trim().split(/\s/)[0], chatSession);
  return words.map((word) => before + word);
}

function namesFor(how: string | undefined, chatSession: ChatSession | undefined): readonly string[] {
  const groups = chatSession?.tools ?? [];
  const members = groups.flatMap(({ tools: all }) => all);
  const openable = notOpen(chatSession).map((word) => word.replace(/(?<=:).*/, ""));
  if (how === "on") return [...openable, ...members.filter(({ isOn }) => !isOn).map(({ name }) => name)];
  const names = [...groups.map(({ word }) => word), ...members.filter(({ isOn }) => isOn).map(({ name }) => name)];
  return [...new Set(how === "off" ? names : [...names, ...openable])];
}
