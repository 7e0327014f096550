import { readdirSync, readFileSync } from "node:fs";
import { marked, type Token } from "marked";
import { packageFile } from "../../../src/platform/folders.ts";

/** Every Markdown page of ours, by its path in the repository. */
export function pages(): readonly string[] {
  const below = (folder: string) =>
    readdirSync(packageFile(folder), { recursive: true, encoding: "utf8" }).map((path) => `${folder}/${path}`);
  const top = readdirSync(packageFile(""));
  return [...top, ...below("docs"), ...below("setup/demo-model")].filter((path) => path.endsWith(".md")).toSorted();
}

export interface Page {
  readonly headings: readonly { readonly depth: number; readonly text: string }[];
  readonly code: readonly { readonly language: string; readonly text: string }[];
  /** Targets of links and images, in their order. */
  readonly targets: readonly string[];
}

export function readPage(path: string): Page {
  const headings: { depth: number; text: string }[] = [];
  const code: { language: string; text: string }[] = [];
  const targets: string[] = [];
  const take = (token: Token): void => {
    if (token.type === "heading") headings.push({ depth: token["depth"] as number, text: token["text"] as string });
    if (token.type === "code") code.push({ language: (token["lang"] as string) ?? "", text: token["text"] as string });
    if (token.type === "link" || token.type === "image") targets.push(token["href"] as string);
  };
  void marked.walkTokens(marked.lexer(readFileSync(packageFile(path), "utf8")), take);
  return { headings, code, targets };
}

/** The anchor that a heading gets on GitHub. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(/\s/g, "-");
}
