import { existsSync } from "node:fs";
import { Marked } from "marked";
import { z } from "zod";
import { messageOf } from "../errors/errors.ts";
import { createError } from "../i18n/error-messages.ts";
import { escapeHtml } from "../terminal/untrusted-text.ts";
import type { ExportFormat } from "./memory-options.ts";
import { FORMAT_VERSION, sessionEventSchema, SessionState } from "./session-event.ts";
import type { StoredSession } from "./session-folder.ts";
import { newSessionId, Session, sessionPath } from "./session.ts";

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

export function exportedAs(format: ExportFormat, session: StoredSession): string {
  if (format === "json") return `${JSON.stringify(exportSession(session), undefined, 2)}\n`;
  return format === "md" ? markdownOf(session) : htmlOf(session);
}

/**
 * Puts an exported session among the others; under a new id if its own is taken.
 * @param origin where the text comes from, for the sentence of a failure
 * @throws GptOssError `usage` when it is not an exported session
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
  const wrong = (what: string) => createError("noExportedSession", [origin, what]);
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

function speakerOf(kind: string): string {
  return SPEAKERS[kind] ?? kind;
}

/** A session as a Markdown page, for reading and for keeping elsewhere. */
export function markdownOf(session: StoredSession): string {
  const parts = session.state.messages.map(({ at, message, interrupted }) => {
    const cut = interrupted ? "\n\n*(interrupted)*" : "";
    return `## ${speakerOf(message.type)} (${minuteOf(at)} UTC)\n\n${message.text}${cut}\n`;
  });
  return [`# ${titleOf(session)}\n\n${aboutOf(session)}\n`, ...parts].join("\n");
}

/**
 * A session as one page for a browser. What was said can't do anything there: HTML in it is shown as text, images are links, only
 * addresses of the web and of mail can be followed, and the page's own policy forbids scripts and everything from elsewhere.
 */
export function htmlOf(session: StoredSession): string {
  const marked = new Marked({ gfm: true, renderer: HARMLESS });
  const parts = session.state.messages.map(({ at, message, interrupted }) => {
    // the user's text is not Markdown
    const text =
      message.type === "human"
        ? `<p class="typed">${escapeHtml(message.text)}</p>`
        : marked.parse(message.text, { async: false });
    const cut = interrupted ? "<p><em>(interrupted)</em></p>" : "";
    const when = `<time datetime="${escapeHtml(at)}">${minuteOf(at)} UTC</time>`;
    return `<section class="${message.type}"><h2>${escapeHtml(speakerOf(message.type))} ${when}</h2>${text}${cut}</section>`;
  });
  const title = escapeHtml(titleOf(session));
  return [
    "<!doctype html>",
    '<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>${title}</title><style>${STYLE}</style></head>`,
    `<body><h1>${title}</h1><p>${escapeHtml(aboutOf(session))}</p>`,
    ...parts,
    "</body></html>\n",
  ].join("\n");
}

const STYLE = `
:root { color-scheme: light dark; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.6 system-ui, sans-serif; }
h2 { font-size: 1rem; margin: 2rem 0 0.5rem; } time { font-weight: normal; opacity: 0.6; }
.typed { white-space: pre-wrap; } pre { overflow-x: auto; padding: 0.75rem; background: #8882; }
table { border-collapse: collapse; } th, td { border: 1px solid #8886; padding: 0.25rem 0.5rem; }`;

type Inline = { readonly href: string; readonly text: string };

const HARMLESS = {
  html: ({ text }: { readonly text: string }) => escapeHtml(text),
  link: ({ href, text }: Inline) => link(href, text),
  image: ({ href, text }: Inline) => link(href, text || href),
};

function link(href: string, text: string): string {
  return /^(?:https?:|mailto:)/i.test(href)
    ? `<a href="${escapeHtml(href)}" rel="noreferrer">${escapeHtml(text)}</a>`
    : `${escapeHtml(text)} (${escapeHtml(href)})`;
}

function titleOf({ state }: StoredSession): string {
  return state.title ?? "Untitled";
}

function aboutOf({ id, state: { started } }: StoredSession): string {
  return [`Session ${id}`, started?.model, started?.at.slice(0, 10)].filter((part) => part !== undefined).join(", ");
}

function minuteOf(at: string): string {
  return at.slice(0, 16).replace("T", " ");
}
