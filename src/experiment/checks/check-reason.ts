import { checkReasons as english } from "../../i18n/en/check-reasons.ts";

type Texts = typeof english;

/** Why a check decided as it did: a sentence of the catalogue and its parameters. Reports write it in their language. */
export interface CheckReason {
  readonly key: string;
  readonly parameters: readonly (string | number)[];
  /** Of a check with `not`. */
  readonly negated?: boolean | undefined;
}

/** A sentence as results store it: in English, and as a reason if it is from the catalogue. */
export interface Sentence {
  readonly why: string;
  readonly reason?: CheckReason | undefined;
}

export function reasonOf<Key extends keyof Texts>(key: Key, ...parameters: Parameters<Texts[Key]>): CheckReason {
  return { key, parameters };
}

export function sentenceOf(why: string | CheckReason): Sentence {
  return typeof why === "string"
    ? { why }
    : { why: describeReason({ why: why.key, reason: why }, english), reason: why };
}

/** The sentence of a check with `not`. */
export function negatedSentence({ why, reason }: Sentence): Sentence {
  return sentenceOf(reason ? { ...reason, negated: true } : reasonOf("negated", why));
}

/** Why a check decided as it did, in a language; in English if the reason is not from this catalogue. */
export function describeReason({ why, reason }: Sentence, texts: Texts): string {
  if (!reason || !Object.hasOwn(texts, reason.key)) return why;
  // they were checked against the entry where the reason was made
  const entry = texts[reason.key as keyof Texts] as (...parameters: readonly (string | number)[]) => string;
  const said = entry(...reason.parameters);
  return reason.negated === true ? texts.negated(said) : said;
}
