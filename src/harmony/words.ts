import { CHANNELS } from "./channels.ts";
import { type OfferedTools, ROLES } from "./offered-tools.ts";

/** A name of a tool that is one even without `to=`. */
const TOOL = /^(?:(?:functions|browser|container)\.\S+|python)$/;

/** Words that stand in headers as they are, and beginnings of such that go on freely. */
const WORDS: readonly string[] = [...ROLES, ...CHANNELS, "json", "code", "python"];
const BEGINNINGS: readonly string[] = ["to=", "functions.", "browser.", "container."];
/** Longer text than this is no header that lost its markers. */
const LONGEST_HEADER = 256;

export function isToolName(word: string): boolean {
  return TOOL.test(word);
}

/** True for text that can be a header whose markers are missing: ` to=functions.f`, `assistantcommentary json`. */
export function isHeaderLike(text: string, tools: OfferedTools): boolean {
  return judgeWords(text, tools, false).verdict === "header";
}

/** True while text may still grow into a header: only its last word can be unfinished. */
export function mayBecomeHeader(text: string, tools: OfferedTools): boolean {
  return judgeWords(text, tools, true).verdict !== "text";
}

/** True for the words of a header that name a tool of the caller's. */
export function namesOfferedTool(text: string, tools: OfferedTools): boolean {
  const { verdict, namesTool } = judgeWords(text, tools, false);
  return verdict === "header" && namesTool;
}

/** True for what stands between messages and means nothing: white space, `assistant`, a lone channel name. */
export function isNoise(text: string): boolean {
  return text.length <= LONGEST_HEADER && /^\s*(?:assistant\s*)*(?:analysis|commentary|final)?\s*$/.test(text);
}

/** True for a channel's name and nothing else, which can be a whole answer. */
export function isChannelWord(text: string): boolean {
  return text.length <= LONGEST_HEADER && /^\s*(?:analysis|commentary|final)\s*$/.test(text);
}

/** True for what remains of a header that the model began again. */
export function isJunk(text: string, tools: OfferedTools): boolean {
  return isNoise(text) || (isHeaderLike(text, tools) && /(?:^|\s)to=|(?:analysis|commentary|final)(?!\w)/.test(text));
}

/** True for the words of a header that can be no answer, as a lone "json" could. */
export function isCutHeader(text: string, tools: OfferedTools): boolean {
  return isHeaderLike(text, tools) && /(?:^|\s|assistant)to=|assistant(?:analysis|commentary|final)/.test(text);
}

interface JudgedWords {
  /** "open" when the last word is unfinished. */
  readonly verdict: "header" | "open" | "text";
  readonly namesTool: boolean;
}

const NEXT_WORD = /\s*(\S*)/y;

/** Goes through the words; a tool's name may consist of several. */
function judgeWords(text: string, tools: OfferedTools, mayGrow: boolean): JudgedWords {
  let namesTool = false;
  if (text.length > LONGEST_HEADER) return { verdict: "text", namesTool };
  for (let at = 0; at < text.length;) {
    NEXT_WORD.lastIndex = at;
    const word = NEXT_WORD.exec(text)?.[1] ?? "";
    const end = NEXT_WORD.lastIndex;
    if (word === "") break;
    const from = end - word.length;
    const nameAt = from + nameOffset(word);
    if (mayGrow && tools.names.length > 0 && [from, nameAt].some((start) => tools.mayBecomeName(text.slice(start)))) {
      return { verdict: "open", namesTool };
    }
    const named = tools.findAt(text, from) ?? tools.findAt(text, nameAt);
    if (named !== undefined) {
      namesTool ||= tools.findBareAt(text, nameAt) !== undefined;
      at = named.end + (text.charAt(named.end) === '"' ? 1 : 0);
    } else if (isHeaderWord(word)) {
      at = end;
    } else {
      return { verdict: mayGrow && end === text.length && beginsHeaderWord(word) ? "open" : "text", namesTool };
    }
  }
  return { verdict: "header", namesTool };
}

/** Where a name can begin inside a word: behind glued roles, `to=` and a quote. */
function nameOffset(word: string): number {
  return /^(?:assistant)*(?:to="?)?/.exec(word)?.[0].length ?? 0;
}

function isHeaderWord(word: string): boolean {
  const rest = withoutAssistants(word);
  return rest === "" || WORDS.includes(rest) || BEGINNINGS.some((beginning) => rest.startsWith(beginning));
}

function beginsHeaderWord(word: string): boolean {
  const rest = withoutAssistants(word);
  return [...WORDS, ...BEGINNINGS].some((known) => known.startsWith(rest));
}

/** "assistant" is often there twice, and glued to what follows. */
function withoutAssistants(word: string): string {
  return word.replace(/^(?:assistant)+/, "");
}
