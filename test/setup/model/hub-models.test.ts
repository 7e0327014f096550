import { afterEach, describe, expect, it } from "@jest/globals";
import { assert, property, string } from "fast-check";
import { findHubModel, parseHubReference, shortNameOf } from "../../../setup/model/hub-models.ts";
import { createHttpClient } from "../../../setup/model/http-client.ts";
import { isModelName } from "../../../src/llama-server/model-record.ts";
import { COMMIT, HuggingFace, REPOSITORY, sha256 } from "../../support/hugging-face.ts";
import { failureOf } from "./support/download-fixture.ts";

const hubs: HuggingFace[] = [];
afterEach(async () => {
  for (const hub of hubs.splice(0)) await hub.stop();
});

const bytesOf = (name: string) => Buffer.from(`content of ${name}`);

async function hubWith(names: readonly string[]): Promise<HuggingFace> {
  const hub = await new HuggingFace(Object.fromEntries(names.map((name) => [name, bytesOf(name)]))).start();
  hubs.push(hub);
  return hub;
}

async function find(hub: HuggingFace, request: string, environment: Record<string, string> = {}) {
  const all = { HF_ENDPOINT: hub.endpoint, ...environment };
  const client = await createHttpClient(all, 2_000);
  try {
    return await findHubModel(request, { environment: all, client });
  } finally {
    await client.close();
  }
}

const QUANTIZATIONS = [
  "README.md",
  "gpt-oss-20b-F16.gguf",
  "gpt-oss-20b-Q4_K_M.gguf",
  "gpt-oss-20b-UD-Q4_K_XL.gguf",
  "gpt-oss-20b-Q4_K_XL.gguf",
  "mmproj-F16.gguf",
];
const SPLIT = ["UD-Q8/big-Q8_0-00002-of-00002.gguf", "UD-Q8/big-Q8_0-00001-of-00002.gguf", "big-Q4_0.gguf"] as const;

describe("a model on the Hub", () => {
  it("is pinned to a commit, with the length and SHA-256 of its file", async () => {
    const hub = await hubWith(["tiny-mxfp4.gguf", "README.md"]);
    expect(await find(hub, `hf:${REPOSITORY}@v1`)).toEqual({
      name: "tiny-mxfp4",
      request: `hf:${REPOSITORY}@v1`,
      repository: REPOSITORY,
      revision: COMMIT,
      files: [
        {
          name: "tiny-mxfp4.gguf",
          bytes: bytesOf("tiny-mxfp4.gguf").length,
          sha256: sha256(bytesOf("tiny-mxfp4.gguf")),
        },
      ],
    });
    expect(hub.requests[0]?.path).toContain("/revision/v1");
  });

  it.each([
    ["Q4_K_M", "gpt-oss-20b-Q4_K_M.gguf"],
    ["q4_k_m", "gpt-oss-20b-Q4_K_M.gguf"],
    ["Q4_K_XL", "gpt-oss-20b-Q4_K_XL.gguf"],
    ["UD-Q4_K_XL", "gpt-oss-20b-UD-Q4_K_XL.gguf"],
    ["F16", "gpt-oss-20b-F16.gguf"],
    ["gpt-oss-20b-F16.gguf", "gpt-oss-20b-F16.gguf"],
    ["gpt-oss-20b-F16", "gpt-oss-20b-F16.gguf"],
  ])("is chosen by a quantization or a file: %s", async (selection, file) => {
    const hub = await hubWith(QUANTIZATIONS);
    const { files } = await find(hub, `hf:${REPOSITORY}:${selection}`);
    expect(files.map(({ name }) => name)).toEqual([file]);
  });

  it("lists what an ambiguous or unknown name could mean, without projectors", async () => {
    const hub = await hubWith(QUANTIZATIONS);
    const ambiguous = await failureOf(find(hub, `hf:${REPOSITORY}`));
    expect(ambiguous.code).toBe("usage");
    for (const choice of ["F16", "Q4_K_M", "UD-Q4_K_XL", "Q4_K_XL"])
      expect(ambiguous.message).toContain(`\n  ${choice} `);
    expect(ambiguous.message).not.toContain("mmproj");
    expect(ambiguous.hint).toContain(`hf:${REPOSITORY}:F16`);
    const unknown = await failureOf(find(hub, `hf:${REPOSITORY}:Q2_K`));
    expect(unknown.code).toBe("usage");
    expect(unknown.message).toContain("Q4_K_M");
  });

  it.each(["Q8_0", SPLIT[0], SPLIT[1]])(
    "has all parts of a split file, in order, asked for as %s",
    async (selection) => {
      const hub = await hubWith(SPLIT);
      const { name, files } = await find(hub, `hf:${REPOSITORY}:${selection}`);
      expect(name).toBe("big-Q8_0");
      expect(files.map((file) => file.name)).toEqual([SPLIT[1], SPLIT[0]]);
    },
  );

  it("is refused when a part or a SHA-256 is missing", async () => {
    const parts = await hubWith([SPLIT[0]]);
    expect(await failureOf(find(parts, `hf:${REPOSITORY}`))).toMatchObject({ code: "download-failed" });
    const git = await hubWith([]);
    git.listedToo = [{ type: "file", path: "small.gguf", oid: "abc", size: 12 }];
    expect((await failureOf(find(git, `hf:${REPOSITORY}`))).message).toContain("SHA-256");
  });

  it("is found on every page of a long list, and never outside of its repository", async () => {
    const hub = await hubWith(["a.md", "b.md", "c-Q4_0.gguf"]);
    hub.pageSize = 2;
    hub.listedToo = ["../../escape-Q8_0.gguf", "/etc/x-Q8_0.gguf", "a\\..\\x-Q8_0.gguf"].map((path) => ({
      type: "file",
      path,
      size: 1,
      lfs: { oid: "0".repeat(64), size: 1 },
    }));
    expect((await find(hub, `hf:${REPOSITORY}`)).name).toBe("c-Q4_0");
  });

  it("is asked for with the token, which no other host gets", async () => {
    const hub = await hubWith(["a-Q4_0.gguf"]);
    const other = await hubWith(["a-Q4_0.gguf"]);
    hub.trouble = (_, response) => {
      response.writeHead(307, { location: `${other.endpoint}/api/models/${REPOSITORY}/revision/main` }).end();
      return true;
    };
    await failureOf(find(hub, `hf:${REPOSITORY}`, { HF_TOKEN: "secret" }));
    expect(hub.requests[0]?.authorization).toBe("Bearer secret");
    expect(other.requests).toEqual([]);
  });

  it.each([
    [401, {}, "download-failed", "HF_TOKEN"],
    [404, {}, "download-failed", "spelling"],
    [403, { HF_TOKEN: "x" }, "model-gated", "Accept the terms"],
    [503, {}, "download-failed", "HF_ENDPOINT"],
  ])("has a sentence for HTTP %d", async (status, environment: Record<string, string>, code, hint) => {
    const hub = await hubWith([]);
    hub.trouble = (_, response) => {
      response.writeHead(status).end("{}");
      return true;
    };
    const failure = await failureOf(find(hub, `hf:${REPOSITORY}`, environment));
    expect(failure.code).toBe(code);
    expect(failure.hint).toContain(hint);
  });

  it("says so when the answer is something else than the Hub's", async () => {
    const hub = await hubWith([]);
    hub.trouble = (_, response) => {
      response.end("<html>");
      return true;
    };
    expect((await failureOf(find(hub, `hf:${REPOSITORY}`))).hint).toContain("API");
  });
});

describe("a reference", () => {
  it("has an owner and a repository, and perhaps a selection and a revision", () => {
    expect(parseHubReference("hf:a/b")).toEqual({ repository: "a/b", selection: undefined, revision: "main" });
    expect(parseHubReference("hf:a/b.c:x/y-Q4.gguf@refs/pr/1")).toEqual({
      repository: "a/b.c",
      selection: "x/y-Q4.gguf",
      revision: "refs/pr/1",
    });
  });

  it.each([
    "hf:",
    "hf:a",
    "hf:a/b/c",
    "hf:../b",
    "hf:a/..",
    "hf:a/b@../../x",
    "hf:a/b:",
    "hf:a/b@",
    "hf:a b/c",
    "hf:a/b:x y",
  ])("is refused in another form: %s", (text) => {
    expect(() => parseHubReference(text)).toThrow(expect.objectContaining({ code: "usage" }));
  });

  it("gives a name that can be typed, whatever the file is called", () => {
    assert(
      property(string({ unit: "grapheme", maxLength: 60 }), (path) => {
        expect(isModelName(shortNameOf(`${path}.gguf`))).toBe(true);
      }),
    );
  });
});
