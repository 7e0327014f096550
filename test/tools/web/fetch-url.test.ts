import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import type { Approve } from "../../../src/index.ts";
import { approvalGate } from "../../../src/tools/approval.ts";
import { fetchUrlTool } from "../../../src/tools/web/fetch-url.ts";
import { isPublicAddress } from "../../../src/tools/web/public-network.ts";
import { answering, callTool } from "../support/call-tool.ts";
import { watchEventLoop } from "../support/event-loop.ts";
import { openWebSite, type WebSite } from "../support/web-site.ts";

/** Pages of less than 2 MB that take minutes to convert, or make more text than fits into memory. */
const BOMBS: Readonly<Record<string, string>> = {
  "/deep": "<div>".repeat(390_000),
  "/tables": "<table><tr><td>".repeat(100_000),
  "/entities": "&nbsp;&#x1F600;".repeat(120_000),
  "/line": `<p>${"a ".repeat(900_000)}`,
};

let site: WebSite;
beforeEach(async () => {
  site = await openWebSite((request, response) => {
    switch (request.url ?? "") {
      case "/page":
        response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
        response.end("<title>T</title><script>evil()</script><h1>見出し</h1><p>Text <a href='/a'>link</a>.</p>");
        break;
      case "/sjis":
        response.writeHead(200, { "content-type": "text/html" });
        response.end(
          Buffer.concat([Buffer.from('<meta charset="shift_jis"><p>'), Buffer.from([0x93, 0xfa, 0x96, 0x7b])]),
        );
        break;
      case "/data":
        response.writeHead(200, { "content-type": "application/json" });
        response.end('{"a": 1}');
        break;
      case "/moved":
        response.writeHead(302, { location: "https://other.test/page" });
        response.end();
        break;
      case "/round":
        response.writeHead(302, { location: "/round" });
        response.end();
        break;
      case "/huge":
        response.writeHead(200, { "content-type": "text/plain" });
        response.end("x".repeat(2_100_000));
        break;
      case "/picture":
        response.writeHead(200, { "content-type": "image/png" });
        response.end("png");
        break;
      case "/deep":
      case "/tables":
      case "/entities":
      case "/line":
        response.writeHead(200, { "content-type": "text/html" });
        response.end(BOMBS[request.url ?? ""]);
        break;
      case "/never":
        break;
      default:
        response.writeHead(404, { "content-type": "text/plain" });
        response.end("not here");
    }
  });
});
afterEach(async () => {
  await site.stop();
});

async function fetchUrl(url: string, approve: Approve = answering("session"), signal?: AbortSignal): Promise<string> {
  return await callTool([fetchUrlTool(approvalGate(approve), site.network)], "fetch_url", { url }, signal);
}

describe("fetch_url", () => {
  it("gives a page its time, and none of it to the person who is asked", async () => {
    const slowly: Approve = async () => {
      await new Promise((resolve) => setTimeout(resolve, 400));
      return "once";
    };
    const fetchWithin = async (url: string) =>
      await callTool([fetchUrlTool(approvalGate(slowly), site.network, 300)], "fetch_url", { url });
    expect(await fetchWithin("https://some.test/data")).toContain('{"a": 1}');
    expect(await fetchWithin("https://some.test/never")).toMatch(/within 0\.3 seconds/);
  });

  it("gives the text of a page", async () => {
    expect(await fetchUrl("http://site.test/page")).toBe(
      "[200 http://site.test/page]\nT\n\n\n見出し\n\nText link [/a].",
    );
    expect(await fetchUrl("http://site.test/sjis")).toBe("[200 http://site.test/sjis]\n日本");
    expect(await fetchUrl("http://site.test/data")).toBe('[200 http://site.test/data]\n{"a": 1}');
    expect(await fetchUrl("http://site.test/else")).toBe("[404 http://site.test/else]\nnot here");
  });

  it("asks for each host, redirects too", async () => {
    const approve = answering("once");
    expect(await fetchUrl("http://site.test/moved", approve)).toMatch(/^\[200 https:\/\/other\.test\/page\]/);
    expect(approve.asked).toMatchObject([
      { question: "Fetch http://site.test/moved?", scope: "fetch_url site.test" },
      { question: "Fetch https://other.test/page?", scope: "fetch_url other.test" },
    ]);
    expect(await fetchUrl("http://site.test/moved", answering("once", "refused"))).toMatch(/refused/);
    expect(site.requests).toEqual(["site.test/moved", "other.test/page", "site.test/moved"]);
  });

  it("says why there is nothing", async () => {
    expect(await fetchUrl("http://site.test/picture")).toBe("Error: This is image/png and no text.");
    expect(await fetchUrl("http://site.test/huge")).toBe("Error: The page has more than 2000000 bytes.");
    expect(await fetchUrl("http://site.test/round")).toBe("Error: There were more than 5 redirects.");
    expect(await fetchUrl("site.test")).toMatch(/no address/);
  });

  it.each(Object.keys(BOMBS))("holds its limits, and blocks nothing, on a page such as %s", async (path) => {
    const loop = watchEventLoop();
    const tool = fetchUrlTool(approvalGate(answering("once")), site.network, 2_000);
    const result = await callTool([tool], "fetch_url", { url: `http://site.test${path}` });
    expect(Buffer.byteLength(result)).toBeLessThanOrEqual(16_384);
    expect(result).toMatch(/^\[200 |too large|within 2 seconds/);
    expect(loop.turns()).toBeGreaterThan(2);
  });

  it("stops converting a page with the turn", async () => {
    const signal = AbortSignal.timeout(1_000);
    const result = await fetchUrl("http://site.test/deep", answering("once"), signal);
    expect(result).toMatch(/^Error: .*(abort|timeout)/i);
  });

  it("ends with the turn", async () => {
    const stop = new AbortController();
    setTimeout(() => {
      stop.abort();
    }, 100);
    expect(await fetchUrl("http://site.test/never", answering("once"), stop.signal)).toMatch(/abort/i);
  });
});

describe("isPublicAddress", () => {
  it.each(["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "[2001:4860:4860::8888]"])(
    "%s is",
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it.each([
    "127.0.0.1",
    "127.9.9.9",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "224.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "198.18.0.1",
    "::1",
    "[::1]",
    "::",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::127.0.0.1",
    "::7f00:1",
    "::808:808",
    "::ffff:0:7f00:1",
    "4000::",
    "3fff::1",
    "5f00::1",
    "8000::1",
    "e000::1",
    "100::1",
    "1::1",
    "fec0::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:1ff::1",
    "2606:2800::1%lo",
    "64:ff9b::7f00:1",
    "64:ff9b:1::7f00:1",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "fe80::1",
    "fc00::1",
    "fd12:3456::1",
    "ff02::1",
    "2001:db8::1",
    "localhost",
    "",
  ])("%s is not", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it("is what the registries give out, and nothing else of IPv6", () => {
    const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(groups, (parts) => {
        const [first = 0, second = 0] = parts;
        const isGlobal = first >= 0x2000 && first <= 0x3fff;
        const isSpecial = (first === 0x2001 && (second < 0x200 || second === 0xdb8)) || first === 0x2002;
        const isDocumentation = first === 0x3fff && second < 0x1000;
        const address = parts.map((part) => part.toString(16)).join(":");
        // ipaddr.js knows some more that are no use to anybody
        const mayBePublic = isGlobal && !isSpecial && !isDocumentation;
        expect(isPublicAddress(address) && !mayBePublic).toBe(false);
      }),
    );
  });

  it("is no IPv4 address in any form within IPv6", () => {
    const prefixes = ["::", "::ffff:0:", "64:ff9b::", "64:ff9b:1::", "2002:"];
    fc.assert(
      fc.property(fc.constantFrom(...prefixes), fc.ipV4(), (prefix, inner) => {
        const [one = 0, two = 0, three = 0, four = 0] = inner.split(".").map(Number);
        const [high, low] = [one * 256 + two, three * 256 + four].map((part) => part.toString(16));
        expect(isPublicAddress(`${prefix}${high}:${low}${prefix === "2002:" ? "::" : ""}`)).toBe(false);
      }),
    );
  });
});
