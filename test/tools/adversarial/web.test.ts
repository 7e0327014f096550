import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { approvalGate } from "../../../src/tools/approval.ts";
import { fetchUrlTool } from "../../../src/tools/web/fetch-url.ts";
import { answering, callTool } from "../support/call-tool.ts";
import { openWebSite, type WebSite } from "../support/web-site.ts";

describe("reaching this machine and its network", () => {
  let site: WebSite;
  beforeAll(async () => {
    site = await openWebSite((request, response) => {
      const location = decodeURIComponent(new URL(request.url ?? "", "http://x").searchParams.get("to") ?? "");
      if (location !== "") response.writeHead(302, { location });
      else response.writeHead(200, { "content-type": "text/plain" });
      response.end("INNER");
    });
    site.names.set("inner.test", [["127.0.0.1"]]);
    site.names.set("metadata.test", [["169.254.169.254"]]);
    site.names.set("both.test", [["93.184.215.14", "127.0.0.1"]]);
    site.names.set("empty.test", [[]]);
  });
  afterAll(async () => {
    await site.stop();
  });

  const fetchUrl = (url: string) =>
    callTool([fetchUrlTool(approvalGate(answering("session")), site.network)], "fetch_url", { url });

  it.each([
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://0.0.0.0/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://①②⑦.⓪.⓪.①/",
    "http://169.254.169.254/latest/meta-data/",
    "http://10.0.0.1/",
    "http://192.168.1.1/",
    "http://inner.test/",
    "http://metadata.test/",
    "http://both.test/",
    "http://empty.test/",
    "http://public.test/?to=http%3A%2F%2F127.0.0.1%2F",
    "http://public.test/?to=http%3A%2F%2Finner.test%2F",
    "http://public.test/?to=%2F%2F127.0.0.1%2F",
    "http://public.test/?to=http%3A%2F%2F%5B%3A%3A1%5D%2F",
    "http://public.test/?to=file%3A%2F%2F%2Fetc%2Fpasswd",
    "http://public.test/?to=http%3A%2F%2Fuser%3Apw%40public.test%2F",
    "http://public.test:8080/",
    "http://user:password@public.test/",
    "file:///etc/passwd",
    "data:text/plain,INNER",
    "gopher://127.0.0.1:25/",
  ])("by %s", async (url) => {
    const before = site.connected.length;
    expect(await fetchUrl(url)).toMatch(/^Error: .*(public internet|https:\/\/|password|ordinary ports|no address)/);
    // a redirect comes from a public site; nothing else is ever connected to
    expect(site.connected.slice(before).filter((address) => address !== "93.184.215.14")).toEqual([]);
  });

  it("by a name that has another address the second time", async () => {
    site.names.set("rebind.test", [["93.184.215.14"], ["127.0.0.1"]]);
    expect(await fetchUrl("http://rebind.test/")).toMatch(/INNER/);
    // one look-up, one connection, to the address that was looked at
    expect(site.connected.at(-1)).toBe("93.184.215.14");
    expect(await fetchUrl("http://rebind.test/")).toMatch(/public internet/);
    expect(site.connected.at(-1)).toBe("93.184.215.14");
  });
});
