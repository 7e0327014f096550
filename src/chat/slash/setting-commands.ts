import { EFFORTS } from "../../config/effort.ts";
import { THINK_MODES } from "../../config/interface.ts";
import { unescapeMentions } from "../attachments/mentions.ts";
import { readUserFile } from "../../platform/user-file.ts";
import type { Chat } from "../chat.ts";
import type { TalkSettings } from "../talk.ts";
import { DONE, type SlashCommand } from "./slash-command.ts";

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
    const { screen, talk, messages } = chat;
    const mode =
      argument === "" ? screen.thinkMode : chosen("/think", argument, [...THINK_MODES, "last"] as const, chat);
    if (mode === "last") {
      const thinking = talk.last?.thinking ?? "";
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
    const { talk, screen, messages } = chat;
    const level = argument === "" ? undefined : chosen("/effort", argument, EFFORTS, chat);
    if (level !== undefined) talk.change({ effort: level });
    if (argument === "" || level !== undefined)
      screen.note(messages.effortIs(talk.settings.effort ?? messages.effortDefault));
    return DONE;
  },
};

export const system: SlashCommand = {
  parameters: "[text|@file|-]",
  takesPath: true,
  run(argument, { talk, screen, messages, folder }) {
    if (argument === "") {
      const { system: text } = talk.settings;
      screen.note(text === undefined ? messages.systemNone : messages.systemIs(text));
    } else if (argument === "-") {
      talk.change({ system: undefined });
      screen.note(messages.systemRemoved);
    } else {
      const text = argument.startsWith("@")
        ? readUserFile(argument.slice(1), { folder }).trim()
        : unescapeMentions(argument);
      talk.change({ system: text });
      screen.note(messages.systemSet);
    }
    return DONE;
  },
};

export const model: SlashCommand = {
  parameters: "[name]",
  choices: () => ["demo", "gpt-oss-20b", "gpt-oss-120b"],
  async run(argument, { talk, screen, messages }) {
    if (argument !== "") await talk.changeModel(argument);
    const { name, baseUrl } = await talk.model();
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
  run(argument, { talk, screen, messages }) {
    const [name = "", value] = argument.split(/[\s=]+/);
    const setting = NUMBER_SETTINGS[name];
    const shown = ({ field }: NumberSetting) => String(talk.settings[field] ?? messages.unset);
    if (name === "") {
      screen.note(messages.settingsTitle);
      for (const [key, entry] of Object.entries(NUMBER_SETTINGS)) screen.note(`  ${key}  ${shown(entry)}`);
    } else if (setting === undefined) {
      screen.note(messages.wrongArgument("/set", name, Object.keys(NUMBER_SETTINGS).join(", ")));
    } else if (value !== undefined && !(value === "-" || (value !== "" && setting.accepts(Number(value))))) {
      screen.note(messages.wrongArgument(`/set ${name}`, value, setting.allowed));
    } else {
      if (value !== undefined)
        talk.change({ [setting.field]: value === "-" ? undefined : Number(value) } satisfies TalkSettings);
      screen.note(messages.settingSet(name, shown(setting)));
    }
    return DONE;
  },
};
