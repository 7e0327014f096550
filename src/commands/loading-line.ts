import type { CommandWords } from "./words/index.ts";
import type { World } from "./world.ts";

/** One line on a terminal that shows how much of a model is in memory; elsewhere nothing. */
export class LoadingLine {
  readonly #output: World["stderr"];
  readonly #model: string;
  readonly #words: CommandWords;
  #shown = "";

  constructor(output: World["stderr"], model: string, words: CommandWords) {
    this.#output = output;
    this.#model = model;
    this.#words = words;
  }

  show(fraction: number): void {
    const text = this.#words.serve.loading(this.#model, Math.round(fraction * 100));
    if (!this.#output.isTTY || text === this.#shown) return;
    this.#shown = text;
    this.#output.write(`\r${text}\u001B[K`);
  }

  clear(): void {
    if (this.#shown !== "") this.#output.write("\r\u001B[K");
    this.#shown = "";
  }
}
