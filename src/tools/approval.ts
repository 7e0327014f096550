import { showableLine, showableText } from "../text/showable-text.ts";

/** What a person is asked before a tool changes something or sends something out. */
export interface ApprovalRequest {
  /** Name of the tool. */
  readonly tool: string;
  /** One line: what would be done. */
  readonly question: string;
  /** All of it: a diff, a command, arguments. Any number of lines. */
  readonly detail?: string | undefined;
  /** What the answer "session" covers, such as `write_file`; undefined for what is asked each time. */
  readonly scope: string | undefined;
  /** Aborts when the turn is stopped: whoever asks should take the question away. */
  readonly signal?: AbortSignal | undefined;
}

/** `session`: yes, and do not ask again for this scope. */
export type ApprovalAnswer = "once" | "session" | "refused";

/** Asks a person. Whatever it throws counts as a refusal of the tool's call, not as an answer. */
export type Approve = (request: ApprovalRequest) => Promise<ApprovalAnswer>;

/** The gate that a tool passes before it acts. */
export type ApprovalGate = (request: ApprovalRequest) => Promise<boolean>;

/** For where there is nobody to ask. */
export const refuseAll: Approve = () => Promise.resolve("refused");

/**
 * Remembers what was allowed for the session and asks one question at a time, however many tools want to act at once. What is
 * shown to the person is made safe first, since the model wrote it.
 */
export function approvalGate(approve: Approve): ApprovalGate {
  const allowed = new Set<string>();
  let before: Promise<unknown> = Promise.resolve();
  const ask = async (request: ApprovalRequest): Promise<boolean> => {
    if (request.scope !== undefined && allowed.has(request.scope)) return true;
    if (request.signal?.aborted) return false;
    const answer = await approve({
      ...request,
      // a server of tools names its tools
      tool: showableLine(request.tool),
      scope: request.scope === undefined ? undefined : showableLine(request.scope),
      question: showableLine(request.question),
      detail: request.detail === undefined ? undefined : showableText(request.detail),
    });
    // the turn may have been stopped while the person was thinking
    if (answer === "refused" || request.signal?.aborted) return false;
    if (answer === "session" && request.scope !== undefined) allowed.add(request.scope);
    return true;
  };
  return async (request) => {
    const mine = before.then(() => ask(request));
    before = mine.catch(() => undefined); // whoever asked hears of it
    return await mine;
  };
}
