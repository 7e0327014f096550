import type { ReportWords } from "../words/index.ts";
import { element } from "./element.ts";

const PAGE = 50;

/** Shows a long list a page at a time: a page of thousands of answers would be slow, and unreadable. */
export class Pager<Item> {
  readonly element = element("div", { class: "pager" });
  readonly #status = element("p", { role: "status", "aria-live": "polite" });
  readonly #list: HTMLElement;
  readonly #back = element("button", { type: "button" });
  readonly #forward = element("button", { type: "button" });
  readonly #render: (item: Item) => Node;
  readonly #noun: string;
  readonly #words: ReportWords["page"];
  #items: readonly Item[] = [];
  #page = 0;

  /** @param list where the items go: a tbody or a div */
  constructor(list: HTMLElement, noun: string, render: (item: Item) => Node, words: ReportWords["page"]) {
    this.#list = list;
    this.#noun = noun;
    this.#words = words;
    this.#back.append(words.previous);
    this.#forward.append(words.next);
    this.#render = render;
    this.#back.addEventListener("click", () => this.#turn(-1));
    this.#forward.addEventListener("click", () => this.#turn(1));
    this.element.append(this.#back, this.#status, this.#forward);
  }

  show(items: readonly Item[]): void {
    this.#items = items;
    this.#page = 0;
    this.#draw();
  }

  #turn(pages: number): void {
    this.#page += pages;
    this.#draw();
  }

  #draw(): void {
    const begin = this.#page * PAGE;
    const shown = this.#items.slice(begin, begin + PAGE);
    this.#list.replaceChildren(...shown.map(this.#render));
    this.#status.textContent =
      shown.length === 0
        ? this.#words.noneFit(this.#noun)
        : this.#words.shown(begin + 1, begin + shown.length, this.#items.length, this.#noun);
    this.#back.disabled = begin === 0;
    this.#forward.disabled = begin + PAGE >= this.#items.length;
  }
}
