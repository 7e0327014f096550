import { existsSync } from "node:fs";
import { z } from "zod";
import { messageOf } from "../errors.ts";
import { failed } from "../failures/failure.ts";
import { FORMAT_VERSION, sessionEventSchema } from "./session-event.ts";
import { newSessionId, type StoredSession } from "./session-folder.ts";
import { htmlOf, markdownOf } from "./session-page.ts";
import { SessionState } from "./session-state.ts";
import { Session, sessionPath } from "./session.ts";

const exportSchema = z.object({
  format: z.literal("langchain-gpt-oss.session"),
  version: z.literal(FORMAT_VERSION),
  id: z.string().regex(/^[\w-]{1,100}$/),
  title: z.string().optional(),
  events: z.array(sessionEventSchema).min(1),
});

/** A session as one JSON value, from which `importSession` makes the same session. */
export type ExportedSession = z.input<typeof exportSchema>;

export function exportSession({ id, state, events }: StoredSession): ExportedSession {
  const title = state.title === undefined ? {} : { title: state.title };
  return { format: "langchain-gpt-oss.session", version: FORMAT_VERSION, id, ...title, events: [...events] };
}

/** As a page to read, a page for a browser, or JSON to import elsewhere; each is named by the ending of its file. */
export const EXPORT_FORMATS = ["md", "html", "json"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export function exportedAs(format: ExportFormat, session: StoredSession): string {
  if (format === "json") return `${JSON.stringify(exportSession(session), undefined, 2)}\n`;
  return format === "md" ? markdownOf(session) : htmlOf(session);
}

/**
 * Puts an exported session among the others; under a new id if its own is taken.
 * @param origin where the text comes from, for the sentence of a failure
 * @throws GptOssError `usage` when it is no exported session
 */
export async function importSession(
  folder: string,
  text: string,
  origin: string,
): Promise<{ readonly id: string; readonly state: SessionState }> {
  const { id: ownId, events } = parseExport(text, origin);
  const id = existsSync(sessionPath(folder, ownId)) ? newSessionId(new Date()) : ownId;
  const session = await Session.open({ folder, id });
  try {
    // a file of unknown origin may not say which folders are offered to a model, nor which MCP servers are started
    const safe = events.filter(({ type }) => type !== "tools");
    session.restore(safe.map((event) => (event.type === "started" ? { ...event, id } : event)));
    return { id, state: SessionState.of(safe) };
  } finally {
    session.close();
  }
}

function parseExport(text: string, origin: string): z.output<typeof exportSchema> {
  const wrong = (what: string) => failed("noExportedSession", [origin, what]);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw wrong(messageOf(error));
  }
  const parsed = exportSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw wrong(`${issue?.path.join(".") || "it"}: ${issue?.message ?? "is not as it should be"}`);
}
