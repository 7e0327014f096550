import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ModelEntry } from "../../src/llama-server/model-catalogue.ts";

export const REPOSITORY = "example/tiny-GGUF";
export const COMMIT = "0123456789abcdef0123456789abcdef01234567";

export interface SeenRequest {
  readonly host: "hub" | "content";
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

/** What the stand-in does to a request instead of answering it properly; undefined answers it. */
export type Trouble = (request: SeenRequest, response: ServerResponse, count: number) => boolean;

/** A stand-in for Hugging Face: a hub that redirects to a content host, with its headers and with ranges. */
export class HuggingFace {
  readonly requests: SeenRequest[] = [];
  /** Consulted first for each request. */
  trouble: Trouble = () => false;
  /** Cuts the connection after so many bytes of the next contents, one number each. */
  cuts: number[] = [];
  ignoresRanges = false;
  /** Bytes a second of the content host, to have time to interrupt it. */
  bytesPerTick = Number.POSITIVE_INFINITY;
  readonly #files: ReadonlyMap<string, Buffer>;
  #hub: Server | undefined;
  #content: Server | undefined;

  constructor(files: Readonly<Record<string, Buffer>>) {
    this.#files = new Map(Object.entries(files));
  }

  get endpoint(): string {
    return addressOf(this.#hub);
  }

  async start(): Promise<this> {
    this.#hub = await listen((request, response) => {
      this.#answerHub(request, response);
    });
    this.#content = await listen((request, response) => {
      this.#answerContent(request, response);
    });
    return this;
  }

  async stop(): Promise<void> {
    for (const server of [this.#hub, this.#content]) {
      server?.closeAllConnections();
      await new Promise((resolve) => server?.close(resolve));
    }
  }

  /** Requests for contents, by the offset they asked for. */
  get offsets(): number[] {
    return this.requests
      .filter(({ host }) => host === "content")
      .map(({ range }) => Number(/^bytes=(\d+)-$/.exec(range ?? "bytes=0-")?.[1]));
  }

  /** What the API lists beside the files that can be fetched, such as a README or a file of git itself. */
  listedToo: readonly object[] = [];
  /** Files that the API lists on one page. */
  pageSize = 1_000;
  /** The commit that `main` and every other revision lead to. */
  commit = COMMIT;

  #answerHub(request: IncomingMessage, response: ServerResponse): void {
    const seen = this.#see("hub", request);
    if (this.trouble(seen, response, this.requests.length)) return;
    const api = /^\/api\/models\/example\/tiny-GGUF\/(revision|tree)\/([^?]+)(?:\?.*?(?:&page=(\d+))?)?$/.exec(
      seen.path,
    );
    if (api !== null) {
      this.#answerApi(api[1] === "tree", Number(api[3] ?? 0), response);
      return;
    }
    const match = /^\/example\/tiny-GGUF\/resolve\/([^/]+)\/(.+)$/.exec(seen.path);
    const content = this.#files.get(decodeURIComponent(match?.[2] ?? ""));
    if (content === undefined) {
      response.writeHead(404).end("Not Found");
      return;
    }
    response.writeHead(302, {
      location: `${addressOf(this.#content)}/blob/${match?.[2] ?? ""}?signature=1`,
      "x-linked-size": String(content.length),
      "x-linked-etag": `"${sha256(content)}"`,
      "x-repo-commit": COMMIT,
    });
    response.end();
  }

  #answerApi(isTree: boolean, page: number, response: ServerResponse): void {
    response.setHeader("content-type", "application/json; charset=utf-8");
    if (!isTree) {
      response.end(JSON.stringify({ id: REPOSITORY, sha: this.commit, private: false, gated: false }));
      return;
    }
    const files = [...this.#files].map(([path, content]) => ({
      type: "file",
      oid: "5f2d0a0a",
      size: content.length,
      path,
      lfs: { oid: sha256(content), size: content.length, pointerSize: 135 },
    }));
    const listed = [...files, ...this.listedToo];
    const end = (page + 1) * this.pageSize;
    if (listed.length > end) {
      const next = `${this.endpoint}/api/models/${REPOSITORY}/tree/${this.commit}?recursive=true&page=${page + 1}`;
      response.setHeader("link", `<${next}>; rel="next"`);
    }
    response.end(JSON.stringify(listed.slice(page * this.pageSize, end)));
  }

  #answerContent(request: IncomingMessage, response: ServerResponse): void {
    const seen = this.#see("content", request);
    if (this.trouble(seen, response, this.requests.length)) return;
    const content = this.#files.get(decodeURIComponent(/^\/blob\/([^?]+)/.exec(seen.path)?.[1] ?? ""));
    if (content === undefined) {
      response.writeHead(404).end();
      return;
    }
    const from = this.ignoresRanges ? 0 : Number(/^bytes=(\d+)-$/.exec(seen.range ?? "")?.[1] ?? 0);
    if (from >= content.length && from > 0) {
      response.writeHead(416, { "content-range": `bytes */${content.length}` }).end();
      return;
    }
    const range = { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` };
    response.writeHead(from > 0 ? 206 : 200, { "content-length": content.length - from, ...(from > 0 && range) });
    this.#send(content.subarray(from), response);
  }

  #send(content: Buffer, response: ServerResponse): void {
    const cut = this.cuts.shift();
    const sent = cut === undefined ? content : content.subarray(0, cut);
    const finish = () => {
      if (cut === undefined) response.end();
      else response.destroy();
    };
    let at = 0;
    const tick = () => {
      if (response.destroyed) return;
      const piece = sent.subarray(at, at + Math.min(this.bytesPerTick, 65_536));
      at += piece.length;
      if (piece.length === 0) finish();
      else response.write(piece, () => (this.bytesPerTick < 65_536 ? setTimeout(tick, 10) : setImmediate(tick)));
    };
    tick();
  }

  #see(host: SeenRequest["host"], { url = "", headers }: IncomingMessage): SeenRequest {
    const seen = { host, path: url, range: headers.range, authorization: headers.authorization };
    this.requests.push(seen);
    return seen;
  }
}

/** A catalogue entry for the stand-in's files. */
export function modelOf(files: Readonly<Record<string, Buffer>>): ModelEntry {
  return {
    name: "tiny",
    files: Object.entries(files).map(([name, content]) => ({ name, bytes: content.length, sha256: sha256(content) })),
    source: { repository: REPOSITORY, revision: COMMIT },
    sampling: { temperature: 0, topP: 1, topK: 0, minP: 0 },
    wantedMemory: 1,
  };
}

export function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

function listen(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer(answer).listen(0, "127.0.0.1", () => {
      resolve(server);
    });
  });
}

function addressOf(server: Server | undefined): string {
  if (server === undefined) throw new Error("the stand-in is not started");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
