import { convert } from "html-to-text";
import { answerInWorker } from "../../platform/answer-in-worker.ts";
import { cutToBudget } from "../tool-result.ts";

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

await answerInWorker(({ html, bytes }: { readonly html: string; readonly bytes: number }) =>
  cutToBudget(htmlText(html), bytes),
);
