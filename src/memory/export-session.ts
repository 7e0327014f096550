import { existsSync } from "node:fs";
import { z } from "zod";
import { GptOssError, messageOf } from "../errors.ts";
import { FORMAT_VERSION, sessionEventSchema } from "./session-event.ts";
import { newSessionId, type StoredSession } from "./session-folder.ts";
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
  const wrong = (what: string) =>
    new GptOssError("usage", `${origin} is no exported session: ${what}.`, {
      hint: "Export one with: gpt-oss sessions export ID --format json.",
    });
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

const SPEAKERS: Readonly<Record<string, string>> = { human: "You", ai: "Assistant", system: "System", tool: "Tool" };

export function speakerOf(kind: string): string {
  return SPEAKERS[kind] ?? kind;
}

/** A session as a Markdown page, for reading and for keeping elsewhere. */
export function markdownOf({ id, state }: StoredSession): string {
  const { started, title, messages } = state;
  const about = [`Session ${id}`, started?.model, started?.at.slice(0, 10)].filter((part) => part !== undefined);
  const parts = messages.map(({ at, message, interrupted }) => {
    const cut = interrupted ? "\n\n*(interrupted)*" : "";
    return `## ${speakerOf(message.type)} (${at.slice(0, 16).replace("T", " ")} UTC)\n\n${message.text}${cut}\n`;
  });
  return [`# ${title ?? "Untitled"}\n\n${about.join(", ")}\n`, ...parts].join("\n");
}
