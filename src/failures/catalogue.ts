import type { ErrorCode } from "../errors.ts";

/** What is said of a failure. */
export interface Sentences {
  readonly message: string;
  /** What to type or do next. */
  readonly hint?: string;
}

/** The English of failures, with the stable code of each; its parameters are those of every language. */
export type Entries = Readonly<Record<string, (...parameters: never[]) => Sentences & { readonly code: ErrorCode }>>;

/** The English of reasons, which stand inside such sentences. */
export type Reasons = Readonly<Record<string, (...parameters: never[]) => string>>;

/** The same in another language: an entry, a parameter or a hint that is missing does not compile. */
export type Translation<English extends Entries> = {
  readonly [Key in keyof English]: (...parameters: Parameters<English[Key]>) => Omit<ReturnType<English[Key]>, "code">;
};

export type TranslatedReasons<English extends Reasons> = {
  readonly [Key in keyof English]: (...parameters: Parameters<English[Key]>) => string;
};
