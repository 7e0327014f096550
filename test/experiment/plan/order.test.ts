import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { Lanes } from "../../../src/experiment/plan/lanes.ts";
import { orderCells } from "../../../src/experiment/plan/order.ts";

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
    expect(groups.map(({ prompts }) => prompts.map(({ cells }) => cells.map(({ id }) => id)))).toEqual([
      [[0, 3], [2]],
      [[1]],
    ]);
  });

  it("takes as prefix what all prompts of a family share, up to the end of a message", () => {
    const [group] = orderCells([item("a", "same start, x", 0), item("a", "same start, y", 1)], ({ family }) => family);
    expect(group?.prefix).toBe(`<|start|>system<|message|>${PREFIX}a<|end|>`);
  });

  it("has no prefix where it would be too short for the server to keep", () => {
    const short = (input: string, id: number) => ({
      family: "a",
      id,
      rendered: `<|start|>system<|message|>Hi<|end|>${input}`,
    });
    expect(orderCells([short("x", 0), short("y", 1)], ({ family }) => family)[0]?.prefix).toBe("");
  });

  it("loses and doubles no cell, and never costs more than the order given", () => {
    fc.assert(
      fc.property(items, (cells) => {
        const order = orderCells(cells, ({ family }) => family).flatMap(({ prompts }) =>
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
          const lanes = new Lanes(orderCells(cells, ({ family }) => family));
          // after the random ones every slot asks until nothing is left
          const slots = [...asking, ...[0, 1, 2, 3].flatMap((slot) => Array.from({ length: 100 }, () => slot))];
          const got = slots.flatMap((slot) => lanes.next(slot)?.prompt.cells ?? []);
          expect(got.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(cells.map(({ id }) => id));
        },
      ),
    );
  });

  it("evaluate each prefix once when every slot finds work of its own", () => {
    const cells = ["a", "b", "c"].flatMap((family) => [1, 2, 3].map((input) => item(family, `${input}`, input)));
    const lanes = new Lanes(orderCells(cells, ({ family }) => family));
    const warmed: string[] = [];
    for (let round = 0; round < 5; round++) {
      for (const slot of [0, 1, 2]) {
        const work = lanes.next(slot);
        if (work?.warm !== undefined) warmed.push(work.warm);
      }
    }
    expect(warmed).toHaveLength(3);
    expect(new Set(warmed).size).toBe(3);
  });

  it("share a long group with a slot that has nothing left, and leave a short one alone", () => {
    const long = Array.from({ length: 12 }, (_, id) => item("a", `input ${id}`, id));
    const lanes = new Lanes(orderCells(long, ({ family }) => family));
    expect(lanes.next(0)?.warm).toBeDefined();
    expect(lanes.next(1)?.warm).toBeDefined();
    const short = new Lanes(orderCells(long.slice(0, 3), ({ family }) => family));
    expect(short.next(0)).toBeDefined();
    expect(short.next(1)).toBeUndefined();
  });
});
