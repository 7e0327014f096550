/** Languages that the interface speaks; the model answers in whatever it is spoken to. */
export const INTERFACE_LANGUAGES = ["en", "ja"] as const;
export type InterfaceLanguage = (typeof INTERFACE_LANGUAGES)[number];

/** The variable that names it. */
export const LANGUAGE_VARIABLE = "GPT_OSS_LANG";

/** Whether the thinking of an answer is shown whole or folded to one line. */
export const THINK_MODES = ["hide", "show"] as const;
