import { convert } from "html-to-text";
import { ToolFailure } from "../failure.ts";

/** The readable text of what a server has sent. @throws ToolFailure for what is no text */
export function pageText(body: Uint8Array, contentType: string): string {
  const type = (contentType.split(";")[0] ?? "").trim().toLowerCase();
  const charset = /charset="?([\w-]+)/i.exec(contentType)?.[1];
  if (type === "text/html" || type === "application/xhtml+xml") {
    return htmlText(decode(body, charset ?? declaredCharset(body)));
  }
  if (type.startsWith("text/") || /^application\/([\w.-]+\+)?(json|xml)$/.test(type)) return decode(body, charset);
  throw new ToolFailure(`This is ${type || "of no known type"} and no text.`);
}

function htmlText(html: string): string {
  const hidden = ["script", "style", "noscript", "template", "svg", "img", "nav"];
  return convert(html, {
    wordwrap: false,
    limits: { maxInputLength: 4_000_000, maxDepth: 200 },
    selectors: [
      ...hidden.map((selector) => ({ selector, format: "skip" })),
      { selector: "a", options: { hideLinkHrefIfSameAsText: true, noAnchorUrl: true } },
    ],
  });
}

/** What a page says of itself in its first bytes. */
function declaredCharset(body: Uint8Array): string | undefined {
  const beginning = new TextDecoder("latin1").decode(body.subarray(0, 1_024));
  return /<meta[^>]+charset=["']?([\w-]+)/i.exec(beginning)?.[1];
}

function decode(body: Uint8Array, charset = "utf-8"): string {
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    return new TextDecoder().decode(body); // an encoding that nobody knows
  }
}
