import type { InterfaceLanguage, Sentences } from "./language.ts";
import {
  type ErrorCode,
  GptOssError,
  type GptOssErrorOptions,
  type Reason,
  type WordingParameter,
} from "../errors/errors.ts";
import * as english from "./en/errors.ts";
import * as japanese from "./ja/errors.ts";

export type ErrorKey = keyof typeof english.errors;
export type ReasonKey = keyof typeof english.reasons;

/** A reason of ours, or the words of someone else: a system, a compiler, a server. */
export type Phrase = string | Reason;

/** Where an entry takes a text, a reason may stand, which is then said in the language of the whole. */
type Said<Parameters extends readonly unknown[]> = {
  readonly [Index in keyof Parameters]: Parameters[Index] | (string extends Parameters[Index] ? Reason : never);
};

/** Of the catalogue, programs that use the library load this part alone. */
const LANGUAGES: Readonly<
  Record<
    InterfaceLanguage,
    {
      readonly errors: Readonly<Record<string, (...parameters: never[]) => Sentences>>;
      readonly reasons: Readonly<Record<string, (...parameters: never[]) => string>>;
    }
  >
> = { en: english, ja: japanese };

/** A failure by its entry in the catalogue: its message is the English one, and its wording lets it be said in others. */
export function failed<Key extends ErrorKey>(
  key: Key,
  parameters: Said<Parameters<(typeof english.errors)[Key]>>,
  { cause, isRetryable }: Pick<GptOssErrorOptions, "cause" | "isRetryable"> = {},
): GptOssError {
  const wording = { key, parameters };
  const entry: (...given: never[]) => Sentences & { readonly code: ErrorCode } = english.errors[key];
  const { code, message, hint } = entry(...parametersIn("en", parameters));
  return new GptOssError(code, message, { wording, cause, isRetryable, ...(hint !== undefined && { hint }) });
}

/** Why something is so, to be put into a failure. */
export function reason<Key extends ReasonKey>(
  key: Key,
  ...parameters: Said<Parameters<(typeof english.reasons)[Key]>>
): Reason {
  return { reason: key, parameters };
}

/** What is said of a failure in a language; in English where there are no other words for it. */
export function sentencesOf(error: GptOssError, language: InterfaceLanguage): Sentences {
  const { message, hint, wording } = error;
  const own = { message, ...(hint !== undefined && { hint }) };
  return (wording && sayIn(language, wording)) ?? own;
}

/** A phrase in a language. */
export function phraseIn(language: InterfaceLanguage, phrase: Phrase): string {
  if (typeof phrase === "string") return phrase;
  const { reasons } = LANGUAGES[language];
  const entry = Object.hasOwn(reasons, phrase.reason) ? reasons[phrase.reason] : undefined;
  return entry?.(...parametersIn(language, phrase.parameters)) ?? phrase.reason;
}

function sayIn(
  language: InterfaceLanguage,
  { key, parameters }: { readonly key: string; readonly parameters: readonly WordingParameter[] },
): Sentences | undefined {
  const { errors } = LANGUAGES[language];
  if (!Object.hasOwn(errors, key)) return undefined;
  const said = errors[key]?.(...parametersIn(language, parameters));
  return said && { message: said.message, ...(said.hint !== undefined && { hint: said.hint }) };
}

/** They were checked against the entry where the failure was made. */
function parametersIn(language: InterfaceLanguage, parameters: readonly WordingParameter[]): never[] {
  return parameters.map((value) =>
    typeof value === "object" && value !== null ? phraseIn(language, value) : value,
  ) as never[];
}
