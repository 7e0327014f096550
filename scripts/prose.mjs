// Lists sentences that an editor should look at: long ones, and habits that sound translated.
// Usage: node scripts/prose.mjs [--summary] FILE…   (Markdown, or the TypeScript sources of messages)
import { readFileSync } from "node:fs";

const MAX_WORDS = 25;
const HABITS = [
  /\b(?:is|are) no (?!longer|more|one|other|way)\w+/i,
  /(?:^|[.:;] )(?:what|whoever) (?!is\b[^?]*\?|does\b|do\b|can\b)[^?]{3,}$/i,
  /\bwants\b/i,
  /\b(?:go|goes|going|gone) on\b/i,
  /\b(?:is|are|was) told\b/i,
  /\bstands? (?:in|there)\b/i,
  /\b(?:that|which|what) (?:is|are) there\b/i,
  /\b(?:anew|mends?|hears?|as it comes|none of it|the like|whom|beside)\b/i,
  /\b(?:take|takes|taken) (?:back|away)\b/i,
  /\bbut for\b/i,
  /\b\d+ %/,
  /\b(?:colour|behaviour|cancelled|cancelling|licence|summarise|recognise|initialise|centre)\w*/i,
];

const args = process.argv.slice(2);
const summary = args.includes("--summary");
let long = 0;
let odd = 0;
for (const file of args.filter((arg) => arg !== "--summary")) {
  for (const { line, text } of sentences(file, readFileSync(file, "utf8"))) {
    const words = text.split(/\s+/).filter((word) => /\w/.test(word)).length;
    const habit = HABITS.map((pattern) => pattern.exec(text)?.[0]).find((found) => found !== undefined);
    if (words > MAX_WORDS) long++;
    if (habit !== undefined) odd++;
    if (summary || (words <= MAX_WORDS && habit === undefined)) continue;
    const why = [
      ...(words > MAX_WORDS ? [`${words} words`] : []),
      ...(habit === undefined ? [] : [habit.trim().slice(0, 40)]),
    ];
    console.log(`${file}:${line}: [${why.join("; ")}] ${text}`);
  }
}
console.log(`Sentences over ${MAX_WORDS} words: ${long}. Sentences with a habit: ${odd}.`);

function sentences(file, source) {
  return file.endsWith(".md") ? ofMarkdown(source) : ofMessages(source);
}

/** Paragraphs and list items without code blocks and tables; inline code and links count as one word. */
function ofMarkdown(source) {
  const blocks = [];
  let isCode = false;
  let current;
  for (const [index, raw] of source.split("\n").entries()) {
    if (/^\s*(```|~~~)/.test(raw)) isCode = !isCode;
    if (isCode || /^\s*(```|~~~|\||#|<|$)/.test(raw)) {
      current = undefined;
      continue;
    }
    const item = /^\s*(?:[-*>]|\d+\.)\s+/.exec(raw);
    if (current === undefined || item !== null) blocks.push((current = { line: index + 1, text: "" }));
    current.text += `${raw.slice(item?.[0].length ?? 0).trim()} `;
  }
  return blocks.flatMap(({ line, text }) =>
    text
      .replaceAll(/`[^`]+`/g, "CODE")
      .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
      .split(/(?<=[.!?:])\s+(?=["“(*_A-Z])/)
      .map((sentence) => ({ line, text: sentence.trim() })),
  );
}

/** The string literals of a message file. */
function ofMessages(source) {
  return source.split("\n").flatMap((raw, index) =>
    [...raw.matchAll(/"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g)]
      .flatMap((match) => (match[1] ?? match[2]).replaceAll(/\$\{[^}]*\}/g, "X").split(/(?<=[.!?])\s+(?=[A-Z])/))
      .filter((text) => text.includes(" "))
      .map((text) => ({ line: index + 1, text })),
  );
}
