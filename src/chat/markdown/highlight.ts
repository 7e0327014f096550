import type { Element, Root, Text } from "hast";
import { asItIs, type Paint, type Style } from "../../terminal/style.ts";
import type { Span } from "./inline.ts";

/** Code so far → its last line, coloured. Undefined for a language that is not known. */
export type Highlighter = (code: string, language: string, style: Style) => readonly Span[] | undefined;

/** Longer code is highlighted line by line: reading all of it again for each line would take too long. */
const MOST_CHARACTERS = 20_000;

/** Loads the grammars (some 40 ms), so it is asked for when the prompt is already there. */
export async function loadHighlighter(): Promise<Highlighter> {
  const { common, createLowlight } = await import("lowlight");
  const lowlight = createLowlight(common);
  return (code, language, style) => {
    if (!lowlight.registered(language)) return undefined;
    const source = code.length > MOST_CHARACTERS ? lastLineOf(code) : code;
    return lastLineSpans(lowlight.highlight(language, source), style);
  };
}

function lastLineOf(code: string): string {
  return code.slice(code.lastIndexOf("\n") + 1);
}

function lastLineSpans(root: Root, style: Style): Span[] {
  let line: Span[] = [];
  const visit = (nodes: readonly (Element | Text | { type: string })[], paint: Paint) => {
    for (const node of nodes) {
      if (isText(node)) {
        const at = node.value.lastIndexOf("\n");
        if (at >= 0) line = [];
        line.push({ text: node.value.slice(at + 1), paint });
      } else if (isElement(node)) visit(node.children, paintOf(node, style) ?? paint);
    }
  };
  visit(root.children, asItIs);
  return line.filter(({ text }) => text !== "");
}

function isText(node: { type: string }): node is Text {
  return node.type === "text";
}

function isElement(node: { type: string }): node is Element {
  return node.type === "element";
}

/** The colours of highlight.js's classes. */
function paintOf({ properties }: Element, style: Style): Paint | undefined {
  const { className } = properties;
  const name = Array.isArray(className) ? String(className[0]) : "";
  switch (name.replace(/^hljs-/, "")) {
    case "keyword":
    case "selector-tag":
    case "meta":
    case "doctag":
      return style.magenta;
    case "string":
    case "regexp":
    case "addition":
    case "template-string":
      return style.green;
    case "number":
    case "literal":
    case "symbol":
    case "bullet":
      return style.yellow;
    case "comment":
    case "quote":
      return style.dim;
    case "title":
    case "section":
    case "name":
    case "function":
      return style.blue;
    case "built_in":
    case "type":
    case "attr":
    case "attribute":
    case "property":
      return style.cyan;
    case "deletion":
      return style.red;
    default:
      return undefined;
  }
}
