import { Marked } from "marked";
import { escapeHtml } from "../text/escape-html.ts";
import type { StoredSession } from "./session-folder.ts";

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
    // what the user has typed is no Markdown unless it says so
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
