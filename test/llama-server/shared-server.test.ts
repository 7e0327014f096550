import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { fitsInMemory } from "../../src/llama-server/memory-estimate.ts";
import { memoryOf, place, type PresentServer } from "../../src/llama-server/shared-server.ts";
import type { WantedServer } from "../../src/llama-server/protocol.ts";

const GB = 1e9;
const WANTED: WantedServer = {
  identity: "20b raw",
  program: "/llama-server",
  modelPath: "/20b.gguf",
  alias: "gpt-oss-20b",
  contextPerSlot: 32_768,
  exactContext: false,
  slots: 1,
  port: 0,
  weightBytes: 14.8 * GB,
  cacheBytesPerToken: 24_576,
  logFolder: "/logs",
};
const want = (changes: Partial<WantedServer> = {}): WantedServer => ({ ...WANTED, ...changes });
const present = (changes: Partial<WantedServer> = {}, inUse = true): PresentServer => ({
  wanted: want(changes),
  port: 4_000,
  apiKey: "key",
  inUse,
  gatewayPorts: [],
});

/** What is shared is large enough; what is in use is not stopped; what is started fits beside that. */
function isSound(wanted: WantedServer, servers: readonly PresentServer[], memory: number): boolean {
  const placement = place(wanted, servers, memory);
  if (placement.kind === "share") {
    const { identity, slots, contextPerSlot } = placement.server.wanted;
    return identity === wanted.identity && slots >= wanted.slots && contextPerSlot >= wanted.contextPerSlot;
  }
  if (placement.kind !== "start") return servers.some(({ inUse }) => inUse);
  const staying = servers.filter(({ inUse }) => inUse);
  const bytes = [wanted, ...staying.map((one) => one.wanted)].reduce((sum, one) => sum + memoryOf(one), 0);
  return placement.stopFirst.every(({ inUse }) => !inUse) && (staying.length === 0 || fitsInMemory(bytes, memory));
}

describe("place", () => {
  it("starts the first, and shares it with everyone for whom it is large enough", () => {
    expect(place(want(), [], 32 * GB)).toEqual({ kind: "start", stopFirst: [] });
    const server = present({ slots: 4, contextPerSlot: 65_536 }, false);
    expect(place(want(), [server], 32 * GB)).toEqual({ kind: "share", server });
    expect(place(want({ port: 4_000, apiKey: "key" }), [server], 32 * GB)).toEqual({ kind: "share", server });
  });

  it("restarts one in use larger, for both", () => {
    const server = present({ contextPerSlot: 40_960 });
    expect(place(want({ slots: 4 }), [server], 32 * GB)).toEqual({
      kind: "resize",
      server,
      slots: 4,
      contextPerSlot: 40_960,
    });
    expect(place(want({ contextPerSlot: 65_536, exactContext: true }), [server], 32 * GB).kind).toBe("resize");
  });

  it("shares one that has less because memory ran out, and does not make it larger", () => {
    const server = { ...present({ contextPerSlot: 16_384 }), isReduced: true };
    expect(place(want(), [server], 32 * GB)).toEqual({ kind: "share", server });
    expect(place(want({ contextPerSlot: 65_536, exactContext: true }), [server], 24 * GB).kind).toBe("refuse");
  });

  it("stops one that nobody uses for another model, another size or another port", () => {
    const server = present({}, false);
    for (const wanted of [want({ identity: "demo" }), want({ slots: 2 }), want({ port: 1 }), want({ apiKey: "other" })])
      expect(place(wanted, [server], 24 * GB)).toEqual({ kind: "start", stopFirst: [server] });
  });

  it("never loads a second large model beside one in use, unless both fit", () => {
    const server = present();
    const parsed = want({ identity: "20b parsed" });
    expect(place(parsed, [server], 24 * GB)).toEqual({ kind: "refuse", inUse: [server] });
    expect(place(parsed, [server], 64 * GB)).toEqual({ kind: "start", stopFirst: [] });
    const exact = present({ exactContext: true });
    expect(place(want({ contextPerSlot: 4_096, exactContext: true }), [exact], 24 * GB).kind).toBe("refuse");
  });

  it("is sound for all wishes", () => {
    const server = fc.record({
      identity: fc.constantFrom("a", "b"),
      slots: fc.integer({ min: 1, max: 4 }),
      contextPerSlot: fc.constantFrom(4_096, 8_192, 32_768),
      exactContext: fc.boolean(),
      weightBytes: fc.constantFrom(1e6, 15e9, 60e9),
    });
    const there = fc.record({ changes: server, inUse: fc.boolean() });
    const memory = fc.constantFrom(8e9, 32e9, 128e9);
    fc.assert(
      fc.property(server, fc.array(there, { maxLength: 3 }), memory, (wish, list, bytes) => {
        const servers = list.map(({ changes, inUse }) => present(changes, inUse));
        expect(isSound(want(wish), servers, bytes)).toBe(true);
      }),
    );
  });
});
