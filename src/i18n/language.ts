import type { ErrorCode } from "../errors/errors.ts";

/** Languages that the interface speaks; the model answers in whatever it is spoken to. */
export const INTERFACE_LANGUAGES = ["en", "ja"] as const;
export type InterfaceLanguage = (typeof INTERFACE_LANGUAGES)[number];

/** The variable that names it. */
export const LANGUAGE_VARIABLE = "GPT_OSS_LANG";

/** Whether the thinking of an answer is shown whole or folded to one line. */
export const THINK_MODES = ["hide", "show"] as const;

/**
 * The language that the locale asks for, read as POSIX says it: the first of LC_ALL, LC_MESSAGES and LANG that is set decides alone.
 * English where it names none of ours.
 */
export function detectLanguage(environment: Readonly<Record<string, string | undefined>>): InterfaceLanguage {
  const locale = [environment["LC_ALL"], environment["LC_MESSAGES"], environment["LANG"]].find(Boolean) ?? "";
  const [word = ""] = locale.toLowerCase().split(/[_.@-]/);
  return INTERFACE_LANGUAGES.find((language) => language === word) ?? "en";
}

/** What is said of a failure. */
export interface ErrorMessage {
  readonly message: string;
  /** What to type or do next. */
  readonly hint?: string;
}

/** The English of failures, with the stable code of each; its parameters are those of every language. */
export type Entries = Readonly<Record<string, (...parameters: never[]) => ErrorMessage & { readonly code: ErrorCode }>>;

/** The English of reasons, which stand inside such sentences. */
export type Reasons = Readonly<Record<string, (...parameters: never[]) => string>>;

/** The same in another language: an entry, a parameter or a hint that is missing does not compile. */
export type Translation<English extends Entries> = {
  readonly [Key in keyof English]: (...parameters: Parameters<English[Key]>) => Omit<ReturnType<English[Key]>, "code">;
};

export type TranslatedReasons<English extends Reasons> = {
  readonly [Key in keyof English]: (...parameters: Parameters<English[Key]>) => string;
};
