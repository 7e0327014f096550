import { describe, expect, it } from "@jest/globals";
import { Opening } from "../../src/chat/opening.ts";
import type { Talk } from "../../src/chat/talk.ts";

const talk = new Promise<Talk>(() => undefined);
const never = new Promise<string>(() => undefined);

describe("a talk on its way", () => {
  it("lets through what is there before it is ready, and after", async () => {
    const opening = new Opening(talk, Promise.resolve());
    expect(await opening.orFailure(Promise.resolve("typed"))).toBe("typed");
    await new Promise(setImmediate);
    expect(await opening.orFailure(Promise.resolve("answered"))).toBe("answered");
    expect(await opening.hasFailed()).toBe(false);
  });

  it("ends every wait with the reason when there will never be an answer", async () => {
    const opening = new Opening(talk, Promise.reject(new Error("no model")));
    await expect(opening.orFailure(never)).rejects.toThrow("no model");
    expect(await opening.hasFailed()).toBe(true);
  });

  it("says that nothing is known while it is being opened", async () => {
    expect(await new Opening(talk, never).hasFailed()).toBe(false);
  });
});
