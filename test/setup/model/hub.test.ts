import { describe, expect, it } from "@jest/globals";
import { assert, nat, property } from "fast-check";
import { requestedWaitMs } from "../../../setup/model/hub.ts";

const NOW = Date.parse("2026-11-30T12:00:00Z");
const waitFor = (headers: Readonly<Record<string, string>>) =>
  requestedWaitMs({ header: (name) => headers[name] }, NOW);

describe("the wait that a server asks for", () => {
  it.each<[Record<string, string>, number | undefined]>([
    [{ "retry-after": "40" }, 40_000],
    [{ "retry-after": "Mon, 30 Nov 2026 12:00:40 GMT" }, 40_000],
    [{ "retry-after": "Mon, 30 Nov 2026 11:00:00 GMT" }, 0],
    [{ "retry-after-ms": "1500" }, 1_500],
    [{ ratelimit: '"default";r=0;t=40' }, 40_000],
    [{ ratelimit: '"api";r=0;t=40, "download";r=12;t=200' }, 40_000],
    [{ ratelimit: '"api"; r=0; t=40, "all"; r=0; t=90' }, 90_000],
    [{ ratelimit: "limit=100, remaining=0, reset=40" }, 40_000],
    [{ "ratelimit-reset": "40" }, 40_000],
    [{ "x-ratelimit-reset-after": "40.5" }, 40_500],
    [{ "x-ratelimit-reset": String(NOW / 1_000 + 40) }, 40_000],
    [{ "x-ratelimit-reset": String(NOW + 40_000) }, 40_000],
    [{ "x-ratelimit-reset": "40" }, 40_000],
    [{ "retry-after": "7", ratelimit: '"api";r=0;t=40' }, 7_000],
    [{ "retry-after": "soon", ratelimit: '"api";r=0;t=40' }, 40_000],
    [{ ratelimit: '"api";r=5;t=40' }, undefined],
    [{ "retry-after": "soon" }, undefined],
    [{}, undefined],
  ])("of %j is %j ms", (headers, expected) => {
    expect(waitFor(headers)).toBe(expected);
  });

  it("is five minutes at most", () => {
    assert(
      property(nat(), (seconds) => {
        expect(waitFor({ "retry-after": String(seconds) })).toBeLessThanOrEqual(300_000);
        expect(waitFor({ ratelimit: `"a";r=0;t=${seconds}` })).toBe(Math.min(seconds * 1_000, 300_000));
      }),
    );
  });
});
