const SPACE = /\s/;

/** Tells by the first characters of a text, however it is cut, whether it is a JSON object. */
export class JsonObjectStart {
  /** open: nothing but white space so far. begun: a brace, and what follows is not known. */
  verdict: "open" | "begun" | "object" | "other" = "open";
  hasRead = false;

  read(text: string): JsonObjectStart["verdict"] {
    this.hasRead ||= text !== "";
    for (const character of text) {
      if (this.verdict === "object" || this.verdict === "other") break;
      if (SPACE.test(character)) continue;
      if (this.verdict === "open") this.verdict = character === "{" ? "begun" : "other";
      else this.verdict = character === '"' || character === "}" ? "object" : "other";
    }
    return this.verdict;
  }
}
