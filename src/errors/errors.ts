/** Every failure that a user can meet: one sentence, what to do next, and a stable exit status. */

/** What went wrong, as a stable word that scripts and tests can rely on. */
export type ErrorCode =
  | "usage"
  | "interrupted"
  | "toolchain-missing"
  | "source-unavailable"
  | "build-failed"
  | "disk-full"
  | "storage-failed"
  | "session-locked"
  | "download-failed"
  | "download-corrupt"
  | "model-missing"
  | "model-gated"
  | "server-missing"
  | "client-missing"
  | "server-failed"
  | "server-unreachable"
  | "verify-failed"
  | "context-overflow"
  | "model-failed"
  | "agent-stopped";

/** Exit status of the command line for each kind of failure (documented in the README). */
const EXIT_STATUS: Readonly<Record<ErrorCode, number>> = {
  usage: 2,
  interrupted: 130,
  "toolchain-missing": 1,
  "source-unavailable": 1,
  "build-failed": 1,
  "disk-full": 1,
  "storage-failed": 1,
  "session-locked": 1,
  "download-failed": 1,
  "download-corrupt": 1,
  "model-missing": 3,
  "model-gated": 1,
  "server-missing": 3,
  "client-missing": 3,
  "server-failed": 3,
  "server-unreachable": 3,
  "verify-failed": 1,
  "context-overflow": 4,
  "model-failed": 1,
  "agent-stopped": 1,
};

const marker = Symbol.for("langchain-gpt-oss.error");

/** Why something is so, as an entry of the catalogue of failures. */
export interface ErrorDetail {
  readonly reason: string;
  readonly parameters: readonly MessageParameter[];
}

/** What may stand in such an entry: text, a number, or a reason that is said in the language of the whole. */
export type MessageParameter = string | number | null | ErrorDetail;

/** Where the words of a failure stand in the catalogue, so that they can be said in another language. */
export interface MessageReference {
  readonly key: string;
  readonly parameters: readonly MessageParameter[];
}

/** What else is known of a failure. */
export interface GptOssErrorOptions {
  /** What to type or do next, one sentence. */
  hint?: string;
  cause?: unknown;
  wording?: MessageReference | undefined;
  /** Whether the same request may succeed when it is repeated; undefined where that is not known. */
  isRetryable?: boolean | undefined;
}

/** A failure that is said to the user in one sentence; anything else that is thrown is a defect of ours. */
export class GptOssError extends Error {
  override readonly name = "GptOssError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  /** Undefined for a failure that has only its English words. */
  readonly wording: MessageReference | undefined;
  /** Whether the same request may succeed when it is repeated; undefined where that is not known. */
  readonly isRetryable: boolean | undefined;
  readonly [marker] = true;

  constructor(code: ErrorCode, message: string, { hint, cause, wording, isRetryable }: GptOssErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
    this.wording = wording;
    this.isRetryable = isRetryable;
  }

  get exitStatus(): number {
    return EXIT_STATUS[this.code];
  }

  /** Holds even when two copies of the package are loaded. */
  static isInstance(value: unknown): value is GptOssError {
    return typeof value === "object" && value !== null && marker in value;
  }
}

/** The sentence of any thrown value, without a stack. */
export function messageOf(thrown: unknown): string {
  const message = fieldOf(thrown, "message");
  return typeof message === "string" ? message : String(thrown);
}

/** The system's error code (`ENOSPC`, `ECONNREFUSED`, …) of a thrown value or of whatever caused it. */
export function systemCodeOf(thrown: unknown): string | undefined {
  let current = thrown;
  for (let depth = 0; depth < 5 && current !== undefined; depth++) {
    const code = fieldOf(current, "code");
    if (typeof code === "string" && /^(E[A-Z0-9]+|UND_ERR_\w+)$/.test(code)) return code;
    current = fieldOf(current, "cause");
  }
  return undefined;
}

/** A field of a thrown value; not by `instanceof`, since an error may come from another realm (a worker, a test's sandbox). */
function fieldOf(thrown: unknown, field: "message" | "code" | "cause"): unknown {
  return typeof thrown === "object" && thrown !== null
    ? (thrown as Partial<Record<typeof field, unknown>>)[field]
    : undefined;
}
