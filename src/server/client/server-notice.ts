import type { GptOssError, Reason } from "../../errors.ts";
import { type Phrase, reason } from "../../failures/failure.ts";

/** What happens to a server while somebody uses it or waits for it. */
export type ServerNotice =
  /** How much of the model is in memory, 0 to 1. */
  | { readonly kind: "loading"; readonly fraction: number }
  /** It can't be had before something else has ended. */
  | { readonly kind: "waiting"; readonly reason: Phrase }
  /** Its process is stopped, and answers nothing. */
  | { readonly kind: "frozen"; readonly pid: number }
  /** It has ended and is started again; what it was answering is lost. */
  | { readonly kind: "restarting"; readonly reason: Phrase }
  /** It can be asked again. */
  | { readonly kind: "restarted" }
  /** It will not come back. */
  | { readonly kind: "failed"; readonly error: GptOssError };

/** One line for the user; nothing for a progress that is better shown than said, and for an end, which whoever asks is told of. */
export function describeNotice(notice: ServerNotice): Reason | undefined {
  if (notice.kind === "frozen") return reason("serverFrozen", notice.pid);
  if (notice.kind === "waiting") return reason("serverWaiting", notice.reason);
  if (notice.kind === "restarting") return reason("serverRestarting", notice.reason);
  return notice.kind === "restarted" ? reason("serverRestarted") : undefined;
}
