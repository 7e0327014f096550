import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "@jest/globals";
import { serverEmbeddings } from "../../src/model/embeddings.ts";
import { deadAddress } from "../support/chat-server.ts";

interface Asked {
  readonly model: string;
  readonly input: string | readonly string[];
}

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Stands in for servers that do and that do not offer embeddings. */
async function serverThat(answer: (asked: Asked) => { readonly status: number; readonly body: unknown }) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const reply = async () => {
      const body = JSON.parse(Buffer.concat((await request.toArray()) as Uint8Array[]).toString()) as Asked;
      asked.push(body);
      const { status, body: said } = answer(body);
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(said));
    };
    void reply();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  return { asked, connection: { baseUrl, apiKey: "key", model: "demo" } };
}

const lengths = ({ input }: Asked) => ({
  status: 200,
  body: { data: [input].flat().map((text, index) => ({ index, embedding: [text.length, 1] })) },
});

describe("serverEmbeddings", () => {
  it("are there where the server gives one, line breaks and all, many texts a request", async () => {
    const { asked, connection } = await serverThat(lengths);
    const embeddings = await serverEmbeddings(connection);
    expect(await embeddings?.embedDocuments(["a\nb", "abcd"])).toEqual([
      [3, 1],
      [4, 1],
    ]);
    expect(await embeddings?.embedQuery("abc")).toEqual([3, 1]);
    expect(asked.map(({ input }) => input)).toEqual([".", ["a\nb", "abcd"], "abc"]);
  });

  it.each([
    ["refuses (llama-server without --embeddings)", 501, { error: { code: 501, message: "not supported" } }],
    ["has none of that name", 404, {}],
    ["gives something else", 200, { data: [] }],
    ["gives no JSON of that kind", 200, "hello"],
  ])("are none where the server %s", async (_what, status, body) => {
    const { connection } = await serverThat(() => ({ status, body }));
    expect(await serverEmbeddings(connection)).toBeUndefined();
  });

  it("are none where nothing answers", async () => {
    expect(await serverEmbeddings({ baseUrl: await deadAddress(), apiKey: undefined, model: "demo" })).toBeUndefined();
  });
});
