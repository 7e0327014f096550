import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { beginningsToKeep, orderCells, sharedLength, CellQueues } from "../../../src/experiment/plan/order.ts";

interface Item {
  readonly rendered: string;
  readonly family: string;
  readonly id: number;
}

const PREFIX = "p".repeat(320);
const item = (family: string, input: string, id: number): Item => ({
  family,
  id,
  rendered: `<|start|>system<|message|>${PREFIX}${family}<|end|><|start|>user<|message|>${input}<|end|><|start|>assistant`,
});

const items = fc
  .array(fc.tuple(fc.constantFrom("a", "b", "c", "d", "e", "f"), fc.integer({ min: 0, max: 12 })), {
    minLength: 1,
    maxLength: 80,
  })
  .map((pairs) => pairs.map(([family, input], id) => item(family, `input ${input}`, id)));

/** Characters that a server with these slots evaluates: what the slot's last prompt and the next one share is in its cache. */
function evaluated(order: readonly Item[]): number {
  let last = "";
  return order.reduce((sum, { rendered }) => {
    let shared = 0;
    while (shared < rendered.length && rendered[shared] === last[shared]) shared++;
    last = rendered;
    return sum + rendered.length - shared;
  }, 0);
}

describe("the order of cells", () => {
  it("keeps families together, and in them equal prompts", () => {
    const mixed = [item("a", "x", 0), item("b", "x", 1), item("a", "y", 2), item("a", "x", 3)];
    const groups = orderCells(mixed, ({ family }) => family);
    expect(groups.map((prompts) => prompts.map(({ cells }) => cells.map(({ id }) => id)))).toEqual([
      [[0, 3], [2]],
      [[1]],
    ]);
  });

  it("loses and doubles no cell, and never costs more than the order given", () => {
    fc.assert(
      fc.property(items, (cells) => {
        const order = orderCells(cells, ({ family }) => family).flatMap((prompts) =>
          prompts.flatMap((prompt) => prompt.cells),
        );
        expect(order.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(cells.map(({ id }) => id));
        expect(evaluated(order)).toBeLessThanOrEqual(evaluated(cells));
      }),
    );
  });
});

describe("lanes", () => {
  it("hand out every cell once, whatever slot asks when", () => {
    fc.assert(
      fc.property(
        items,
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 400, maxLength: 400 }),
        (cells, asking) => {
          const lanes = new CellQueues(orderCells(cells, ({ family }) => family));
          // after the random ones every slot asks until nothing is left
          const slots = [...asking, ...[0, 1, 2, 3].flatMap((slot) => Array.from({ length: 100 }, () => slot))];
          const got = slots.flatMap((slot) => lanes.next(slot)?.prompt.cells ?? []);
          expect(got.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(cells.map(({ id }) => id));
        },
      ),
    );
  });

  it("keep each family on one slot when every slot finds work of its own", () => {
    const cells = ["a", "b", "c"].flatMap((family) => [1, 2, 3].map((input) => item(family, `${input}`, input)));
    const lanes = new CellQueues(orderCells(cells, ({ family }) => family));
    const slotsOf = new Map<string, Set<number>>();
    for (let round = 0; round < 5; round++) {
      for (const slot of [0, 1, 2]) {
        for (const { family } of lanes.next(slot)?.prompt.cells ?? [])
          slotsOf.set(family, (slotsOf.get(family) ?? new Set()).add(slot));
      }
    }
    expect([...slotsOf].map(([family, slots]) => [family, slots.size])).toEqual([
      ["a", 1],
      ["b", 1],
      ["c", 1],
    ]);
  });

  const twelve = (family: string) => Array.from({ length: 12 }, (_, id) => item(family, `input ${id}`, id));

  it("share a long family with a slot that has nothing left, and leave a short one alone", () => {
    const lanes = new CellQueues(orderCells(twelve("a"), ({ family }) => family));
    expect(lanes.next(0)).toBeDefined();
    expect(lanes.next(1)).toBeDefined();
    const short = new CellQueues(orderCells(twelve("a").slice(0, 3), ({ family }) => family));
    expect(short.next(0)).toBeDefined();
    expect(short.next(1)).toBeUndefined();
  });

  it("share the family whose beginning the server can copy already, though another one is longer", () => {
    const cells = [...twelve("a").slice(0, 9), ...twelve("b")];
    const lanes = new CellQueues(orderCells(cells, ({ family }) => family));
    lanes.next(0);
    lanes.next(1);
    // slot 0 has answered its first prompt, slot 1 is still reading
    lanes.next(0);
    expect(lanes.next(2)?.prompt.cells.map(({ family }) => family)).toEqual(["a"]);
  });
});

describe("beginnings that the server is told to keep", () => {
  const system = "<|start|>developer<|message|>Be brief.<|end|>";
  const prompt = (user: string) => ({
    rendered: `${system}<|start|>user<|message|>${user}<|end|><|start|>assistant`,
    family: "a",
    id: 0,
  });
  const until = (text: string) => `${system}<|start|>user<|message|>${text}`;
  const rules = "rule ".repeat(60);
  const [first, second, third] = ["one", "two", "3"].map((input) => prompt(rules + input));
  if (!first || !second || !third) throw new Error("three prompts");

  it("are what later prompts share within a message", () => {
    expect(beginningsToKeep("", first.rendered, [second, third])).toEqual([until(rules)]);
  });

  it("are told once a slot", () => {
    expect(beginningsToKeep(first.rendered, second.rendered, [third])).toEqual([]);
    expect(beginningsToKeep("<|start|>another", second.rendered, [third])).toEqual([until(rules)]);
  });

  it("are none where the server keeps them by itself, or where there is little to gain", () => {
    const long = `<|start|>developer<|message|>${rules}<|end|><|start|>user<|message|>`;
    expect(beginningsToKeep("", `${long}one`, [{ rendered: `${long}two` }])).toEqual([]);
    expect(beginningsToKeep("", prompt("Sum up: one").rendered, [prompt("Sum up: two")])).toEqual([]);
    expect(beginningsToKeep("", first.rendered, [])).toEqual([]);
  });

  it("are several where cases share a document of their own, the shortest first", () => {
    const document = "fact ".repeat(60);
    const [one, two, other] = [`${rules}${document}Who?`, `${rules}${document}How?`, `${rules}zzz`].map(prompt);
    if (!one || !two || !other) throw new Error("three prompts");
    expect(beginningsToKeep("", one.rendered, [two, other])).toEqual([until(rules), until(rules + document)]);
    expect(beginningsToKeep(one.rendered, two.rendered, [other])).toEqual([]);
  });

  it("never end within a character", () => {
    expect(sharedLength("a𠮷", "a𠮶")).toBe(1);
    expect(sharedLength("a𠮷b", "a𠮷c")).toBe(3);
  });
});
