import { getEventListeners } from "node:events";
import { describe, expect, it } from "@jest/globals";
import { LinkedSignal } from "../../src/platform/linked-signal.ts";

describe("a linked signal", () => {
  it.each([0, 1])("aborts with source %s and its reason, and leaves the other one alone", (index) => {
    const sources = [new AbortController(), new AbortController()];
    const linked = new LinkedSignal(...sources.map(({ signal }) => signal));
    const reason = new Error("enough");
    sources[index]?.abort(reason);
    expect([linked.signal.aborted, linked.signal.reason]).toEqual([true, reason]);
    expect(sources.filter(({ signal }) => signal.aborted)).toHaveLength(1);
    for (const { signal } of sources) expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("is aborted from the beginning if a source is", () => {
    expect(new LinkedSignal(undefined, AbortSignal.abort("before")).signal).toMatchObject({
      aborted: true,
      reason: "before",
    });
  });

  it("does not follow its sources after it is disposed", () => {
    const source = new AbortController();
    const linked = new LinkedSignal(source.signal);
    linked[Symbol.dispose]();
    expect(getEventListeners(source.signal, "abort")).toEqual([]);
    source.abort();
    expect(linked.signal.aborted).toBe(false);
  });

  it("can be aborted by itself", () => {
    const source = new AbortController();
    const linked = new LinkedSignal(source.signal);
    linked.abort("left");
    expect([linked.signal.reason, source.signal.aborted]).toEqual(["left", false]);
  });
});
