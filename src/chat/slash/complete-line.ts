import { pathsBeginningWith } from "../attachments/complete-path.ts";
import type { Talk } from "../talk.ts";
import { SLASH_COMMANDS } from "./table.ts";

/** What Tab offers, and the end of the line that each offer takes the place of. */
export type Completion = readonly [offers: string[], part: string];

/** Slash commands, their arguments, and file names after `@`. */
export function completeLine(line: string, talk: Talk | undefined, folder: string): Completion {
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
  const offered = choices?.(talk, argument, folder).filter((choice) => choice.startsWith(argument)) ?? [];
  return [[...offered, ...(takesPath ? pathsBeginningWith(argument, folder) : [])], argument];
}
