import { INTERFACE_LANGUAGES, type InterfaceLanguage } from "../../config/interface.ts";

/**
 * The language that the locale asks for, read as POSIX says it: the first of LC_ALL, LC_MESSAGES and LANG that is set decides alone.
 * English where it names none of ours.
 */
export function detectLanguage(environment: Readonly<Record<string, string | undefined>>): InterfaceLanguage {
  const locale = [environment["LC_ALL"], environment["LC_MESSAGES"], environment["LANG"]].find(Boolean) ?? "";
  const [word = ""] = locale.toLowerCase().split(/[_.@-]/);
  return INTERFACE_LANGUAGES.find((language) => language === word) ?? "en";
}
