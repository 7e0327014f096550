import type { ErrorDetail } from "../errors/errors.ts";
import { localize } from "../i18n/error-messages.ts";

/** Something that happened without being asked for, and that the user should hear of. */
export interface ModelNotice {
  readonly kind:
    | "max-tokens"
    | "context-full"
    | "repetition"
    | "asked-again"
    | "empty-answer"
    | "tracing-off"
    /** A call option or a tool that only OpenAI's own servers have. */
    | "ignored-option"
    /** A .env of the current folder names a server on another machine. */
    | "foreign-server"
    /** The server is being waited for, or started again. */
    | "server";
  /** One sentence. */
  readonly message: string;
  /** Its entry in the catalogue, for those who want it in another language. */
  readonly wording?: ErrorDetail;
}

export function noticeOf(kind: ModelNotice["kind"], wording: ErrorDetail): ModelNotice {
  return { kind, message: localize("en", wording), wording };
}
