import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, stat, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { dirname } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { installModel } from "../../../setup/model-steps.ts";
import { findInstalledModel } from "../../../src/llama-server/installed-models.ts";
import { localize } from "../../../src/i18n/error-messages.ts";
import { COMMIT } from "../../support/hugging-face.ts";
import { DownloadFixture, failureOf } from "./support/download-fixture.ts";

const { content } = DownloadFixture;

let fixture: DownloadFixture;
beforeEach(async () => {
  fixture = await DownloadFixture.start();
});
afterEach(async () => {
  await fixture.stop();
});

describe("trouble on the way", () => {
  it("never takes a file with the wrong hash, and fetches one again that was put together wrongly", async () => {
    const wrong = Buffer.from(content);
    wrong[5] = (wrong[5] ?? 0) ^ 1;
    await mkdir(dirname(fixture.partial), { recursive: true });
    await writeFile(fixture.partial, wrong.subarray(0, 1_000_000));
    const notices: string[] = [];
    await installModel(fixture.options({ onNotice: (notice) => notices.push(localize("en", notice)) }));
    expect(readFileSync(fixture.blob).equals(content)).toBe(true);
    expect(notices.join()).toMatch(/tiny\.gguf .*SHA-256/);
    expect(fixture.hub.offsets).toEqual([1_000_000, 0]);
  });

  it("throws a whole download with the wrong hash away", async () => {
    const other = randomBytes(content.length);
    fixture.hub.trouble = ({ host }, response) => {
      if (host === "content") response.end(other);
      return host === "content";
    };
    const failure = await failureOf(installModel(fixture.options()));
    expect(failure).toMatchObject({ code: "download-corrupt" });
    expect(failure.message).toMatch(/tiny\.gguf .*SHA-256 [0-9a-f]{64}/);
    expect(existsSync(fixture.partial)).toBe(false);
    expect(fixture.hasModel).toBe(false);
  });

  it("refuses another length or hash before it fetches a byte", async () => {
    for (const header of [{ "x-linked-size": "12" }, { "x-linked-etag": `"${"0".repeat(64)}"` }]) {
      fixture.hub.trouble = (_request, response) => {
        response.writeHead(302, { location: "/nowhere", ...header }).end();
        return true;
      };
      expect(await failureOf(installModel(fixture.options()))).toMatchObject({ code: "download-corrupt" });
    }
    expect(fixture.hub.offsets).toEqual([]);
    expect(fixture.hasModel).toBe(false);
  });

  it("refuses a content host that sends more, or less, or another part", async () => {
    fixture.hub.trouble = ({ host }, response) => {
      if (host === "content") response.end(Buffer.concat([content, content]));
      return host === "content";
    };
    expect(await failureOf(installModel(fixture.options()))).toMatchObject({ code: "download-corrupt" });
    fixture.hub.trouble = ({ host }, response) => {
      if (host === "content") response.writeHead(200).end(content.subarray(0, 10));
      return host === "content";
    };
    expect(await failureOf(installModel(fixture.options()))).toMatchObject({ code: "download-failed" });
    expect(fixture.hasModel).toBe(false);
  });

  it("says what 404 means, after trying main", async () => {
    fixture.hub.trouble = (_request, response) => {
      response.writeHead(404).end();
      return true;
    };
    const failure = await failureOf(installModel(fixture.options()));
    expect(failure).toMatchObject({ code: "download-failed" });
    expect(failure.message).toContain("HTTP 404");
    expect(fixture.hub.requests.map(({ path }) => path.split("/")[4])).toEqual([COMMIT, "main"]);
    expect(fixture.hasModel).toBe(false);
  });

  it("takes main when the pinned revision is gone: the hash decides", async () => {
    fixture.hub.trouble = ({ path }, response) => {
      const isPinned = path.includes(`/resolve/${COMMIT}/`);
      if (isPinned) response.writeHead(404).end();
      return isPinned;
    };
    await installModel(fixture.options());
    expect(readFileSync(fixture.blob).equals(content)).toBe(true);
  });

  it.each([
    [401, undefined, "set HF_TOKEN"],
    [403, "hf_secret", "Accept the terms"],
  ])("explains HTTP %i of a gated model", async (status, token, advice) => {
    fixture.hub.trouble = (_request, response) => {
      response.writeHead(status).end();
      return true;
    };
    const failure = await failureOf(
      installModel(fixture.options(token === undefined ? {} : { environment: { HF_TOKEN: token } })),
    );
    expect(failure).toMatchObject({ code: "model-gated" });
    expect(failure.message).toContain(`HTTP ${status}`);
    expect(failure.hint).toContain(advice);
    expect(fixture.hub.requests).toHaveLength(1);
    expect(fixture.hasModel).toBe(false);
  });

  it("gives the token to the hub alone", async () => {
    await installModel(fixture.options({ environment: { HF_TOKEN: "hf_secret" } }));
    expect(fixture.hub.requests.map(({ host, authorization }) => [host, authorization])).toEqual([
      ["hub", "Bearer hf_secret"],
      ["content", undefined],
    ]);
  });

  it("tries again after HTTP 500 and 429, waiting longer each time, or as long as the server says", async () => {
    const answers = [500, 503, 429];
    fixture.hub.trouble = (_request, response) => {
      const status = answers.shift();
      if (status !== undefined) response.writeHead(status, status === 429 ? { "retry-after": "7" } : {}).end();
      return status !== undefined;
    };
    await installModel(fixture.options());
    expect(fixture.waits).toEqual([1_000, 2_000, 7_000]);
    expect(existsSync(fixture.blob)).toBe(true);
  });

  it("gives up in the end, keeps what it has and says so", async () => {
    fixture.hub.trouble = ({ host }, response, count) => {
      const fails = host === "content" && count > 2;
      if (fails) response.writeHead(500).end();
      return fails;
    };
    fixture.hub.cuts = [400_000];
    const failure = await failureOf(installModel(fixture.options()));
    expect(failure.message).toMatch(/\(HTTP 500\).* [\d.]+ kB of 3\.00 MB/);
    expect((await stat(fixture.partial)).size).toBeGreaterThan(0);
    expect(fixture.hasModel).toBe(false);
  });

  it("notices a connection that stalls", async () => {
    let stalls = 1;
    fixture.hub.trouble = ({ host }, response) => {
      if (host !== "content" || stalls-- <= 0) return false;
      response.writeHead(200, { "content-length": content.length });
      response.write(content.subarray(0, 50_000));
      return true;
    };
    await installModel(fixture.options({ silenceMs: 300 }));
    expect(readFileSync(fixture.blob).equals(content)).toBe(true);
    expect(fixture.hub.offsets).toEqual([0, 50_000]);
  });

  it("reads past what is here with a host that ignores ranges", async () => {
    fixture.hub.ignoresRanges = true;
    fixture.hub.cuts = [700_000];
    const { fetchedBytes } = await installModel(fixture.options());
    expect(readFileSync(fixture.blob).equals(content)).toBe(true);
    expect(fetchedBytes).toBe(content.length);
  });

  const page = "<html>Please log in</html>";
  const half = content.subarray(0, 1_500_000);
  const rest = `bytes 1500000-2999999/3000000`;
  type Answer = readonly [
    what: string,
    status: number,
    headers: Record<string, string | number>,
    body: string | Buffer,
  ];
  const STRANGE: readonly Answer[] = [
    ["a login page of a captive portal", 200, { "content-type": "text/html; charset=utf-8" }, page],
    ["a page of the file's length", 200, { "content-type": "text/html", "content-length": content.length }, page],
    ["a page in the range's place", 206, { "content-type": "text/html", "content-range": rest }, page],
    ["something of unknown length and type", 200, {}, page],
    ["something shorter", 200, { "content-length": page.length }, page],
    ["something longer", 200, { "content-length": content.length + 1 }, page],
    ["nothing", 204, {}, ""],
    ["a part without saying which", 206, {}, half],
    ["another part", 206, { "content-range": "bytes 1400000-2999999/3000000" }, content.subarray(1_400_000)],
    ["a part of another file", 206, { "content-range": "bytes 1500000-2999998/2999999" }, half],
    ["several parts", 206, { "content-type": "multipart/byteranges; boundary=x" }, page],
    ["a compressed file", 200, { "content-encoding": "gzip", "content-length": content.length }, half],
    ["no such rest, and no length", 416, {}, page],
    ["no such rest of a shorter file", 416, { "content-range": "bytes */1000" }, page],
  ];
  it.each(STRANGE)("keeps what is here when the answer is %s", async (_what, status, headers, body) => {
    await mkdir(dirname(fixture.partial), { recursive: true });
    await writeFile(fixture.partial, half);
    fixture.hub.trouble = ({ host }, response) => {
      if (host !== "content") return false;
      response.writeHead(status, headers).flushHeaders();
      response.end(body);
      return true;
    };
    const failure = await failureOf(installModel(fixture.options()));
    expect(["download-failed", "download-corrupt"]).toContain(failure.code);
    expect(readFileSync(fixture.partial).equals(half)).toBe(true);
    expect(fixture.hasModel).toBe(false);
    fixture.hub.trouble = () => false;
    const { fetchedBytes } = await installModel(fixture.options());
    expect(fetchedBytes).toBe(content.length - half.length);
  });

  it("takes none of a page for the beginning of a model", async () => {
    fixture.hub.trouble = (_request, response) => {
      response.writeHead(200, { "content-type": "text/html" }).end(page);
      return true;
    };
    const failure = await failureOf(installModel(fixture.options()));
    expect(failure).toMatchObject({ code: "download-failed" });
    expect((await stat(fixture.partial)).size).toBe(0);
  });

  it("notices that the file is exchanged during the download", async () => {
    fixture.hub.cuts = [700_000];
    fixture.hub.trouble = ({ host, range }, response, count) => {
      if (host === "content") response.setHeader("etag", count > 2 ? '"new"' : '"old"');
      if (host !== "content" || range === undefined) return false;
      response.writeHead(206, { "content-range": `bytes 700000-2999999/3000000` });
      response.end(randomBytes(2_300_000));
      return true;
    };
    expect(await failureOf(installModel(fixture.options()))).toMatchObject({ code: "download-failed" });
    expect(readFileSync(fixture.partial).equals(content.subarray(0, 700_000))).toBe(true);
  });

  it("takes a file without a length when its hash is named", async () => {
    fixture.hub.trouble = ({ host }, response) => {
      if (host !== "content") return false;
      response.writeHead(200, { etag: `"${DownloadFixture.model.files[0]?.sha256}"` }).flushHeaders();
      response.end(content);
      return true;
    };
    await installModel(fixture.options());
    expect(readFileSync(fixture.blob).equals(content)).toBe(true);
  });

  it("reports a missing network", async () => {
    const failure = await failureOf(
      installModel(fixture.options({ environment: { HF_ENDPOINT: "http://127.0.0.1:9" } })),
    );
    expect(failure).toMatchObject({ code: "download-failed" });
    expect(failure.message).toContain("ECONNREFUSED");
    expect(failure.hint).toContain("HTTPS_PROXY");
    expect(fixture.hasModel).toBe(false);
  });

  it("says that a file on disk is damaged", async () => {
    await installModel(fixture.options());
    const damaged = Buffer.from(content);
    damaged[9] = (damaged[9] ?? 0) ^ 1;
    await writeFile(fixture.blob, damaged);
    await utimes(fixture.blob, new Date(0), new Date(0));
    const failure = await failureOf(findInstalledModel(fixture.options()));
    expect(failure).toMatchObject({ code: "download-corrupt" });
    expect(failure.hint).toContain("--remove tiny");
  });

  it("goes through a proxy", async () => {
    const tunnels: string[] = [];
    const proxy = createServer().on("connect", (request, client) => {
      tunnels.push(request.url ?? "");
      const [host, port] = (request.url ?? "").split(":");
      const upstream = connect(Number(port), host, () => {
        client.write("HTTP/1.1 200 OK\r\n\r\n");
        upstream.pipe(client).pipe(upstream);
      });
      upstream.on("error", () => client.destroy());
      client.on("error", () => upstream.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    await installModel(fixture.options({ environment: { HTTP_PROXY: address, HTTPS_PROXY: address } }));
    proxy.closeAllConnections();
    proxy.close();
    expect(tunnels).toContain(new URL(fixture.hub.endpoint).host);
  });
});
