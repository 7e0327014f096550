import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import {
  array,
  assert,
  boolean,
  constant,
  constantFrom,
  dictionary,
  integer,
  nat,
  oneof,
  property,
  record,
  string,
  stringMatching,
  tuple,
} from "fast-check";
import { GptOssError } from "../../src/errors/errors.ts";
import { ggufFactsOf, readGgufFacts } from "../../src/gguf/gguf-facts.ts";
import { readGgufHeader } from "../../src/gguf/gguf-header.ts";
import { packageFile } from "../../src/platform/folders.ts";
import { gptOssShape, text, uint } from "./support/gpt-oss-shape.ts";
import { type GgufTensor, type GgufValue, TENSOR_TYPE, writeGguf } from "./support/write-gguf.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gpt-oss-gguf-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const path = (name = "model.gguf") => join(folder, name);

/** The header of gpt-oss-20b with a short vocabulary. */
const SHAPE: Readonly<Record<string, GgufValue>> = {
  "general.architecture": text("gpt-oss"),
  ...gptOssShape({ layers: 24, experts: 32 }),
  "tokenizer.ggml.tokens": { type: "strings", value: ["a", "b", "東京"] },
  "tokenizer.chat_template": text("{{ messages }}"),
};
const TENSORS: readonly GgufTensor[] = [
  { name: "token_embd.weight", type: "q8_0", shape: [64, 3] },
  { name: "blk.0.attn_q.weight", type: "q8_0", shape: [64, 64] },
  { name: "blk.0.ffn_gate_exps.weight", type: "mxfp4", shape: [64, 64, 4] },
];

const everything = { isWanted: () => true };

describe("the header of a GGUF file", () => {
  const values = oneof(
    record({ type: constant("uint32" as const), value: nat() }),
    record({ type: constant("bool" as const), value: boolean() }),
    record({ type: constant("string" as const), value: string({ unit: "grapheme", maxLength: 40 }) }),
    record({ type: constant("int32s" as const), value: array(integer(), { maxLength: 9 }) }),
    record({
      type: constant("strings" as const),
      value: array(string({ maxLength: 9 }), { maxLength: 9 }),
    }),
  );
  const keys = stringMatching(/^[a-z]{1,8}\.[a-z_]{1,12}$/);
  const tensors = record({
    name: string({ unit: "grapheme", minLength: 1, maxLength: 20 }),
    type: constantFrom("f32" as const, "q8_0" as const, "mxfp4" as const),
    shape: tuple(
      integer({ min: 1, max: 4 }).map((blocks) => blocks * 32),
      integer({ min: 1, max: 5 }),
    ),
  });

  it("is read as it was written", () => {
    assert(
      property(dictionary(keys, values, { maxKeys: 8 }), array(tensors, { maxLength: 5 }), (entries, given) => {
        const size = writeGguf(path("any.gguf"), entries, given);
        const header = readGgufHeader(path("any.gguf"), everything);
        expect(header.fileBytes).toBe(size);
        const expected = Object.entries(entries).map(([key, { type, value }]) => [
          key,
          type === "strings" ? { length: value.length } : value,
        ]);
        expect([...header.values]).toEqual(expected);
        expect(header.tensors).toEqual(
          given.map(({ name, type, shape: [width, height] }) => {
            const { number, blockSize, blockBytes } = TENSOR_TYPE[type];
            const elements = width * height;
            return { name, type: number, elements, bytes: (elements / blockSize) * blockBytes };
          }),
        );
      }),
      { numRuns: 60 },
    );
  });

  it("is refused in one sentence wherever the file was cut", () => {
    const size = writeGguf(path("whole.gguf"), SHAPE, TENSORS);
    for (let length = 0; length < size; length += length < 1_200 ? 1 : 97) {
      copyFileSync(path("whole.gguf"), path("cut.gguf"));
      truncateSync(path("cut.gguf"), length);
      const error = thrownBy(() => readGgufHeader(path("cut.gguf"), everything));
      expect([length, GptOssError.isInstance(error) && error.code]).toEqual([length, "model-missing"]);
    }
  });

  it("never fails in another way, whatever bytes are wrong in it", () => {
    writeGguf(path("whole.gguf"), SHAPE, TENSORS);
    const whole = readFileSync(path("whole.gguf"));
    const damage = array(tuple(nat({ max: 1_200 }), integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 6,
    });
    assert(
      property(damage, (bytes) => {
        const damaged = Buffer.from(whole);
        for (const [at, byte] of bytes) damaged[at] = byte;
        writeFileSync(path("damaged.gguf"), damaged);
        const error = thrownBy(() => readGgufFacts(path("damaged.gguf")));
        expect(error === undefined || GptOssError.isInstance(error)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ["an empty file", Buffer.alloc(0)],
    ["a text", Buffer.from("Hello, this is a text.")],
    ["a file for machines of the other byte order", Buffer.from([...Buffer.from("GGUF"), 0, 0, 0, 3, 0, 0, 0, 0])],
    ["version 1", Buffer.from([...Buffer.from("GGUF"), 1, 0, 0, 0, 0, 0, 0, 0])],
    [
      "more entries than bytes",
      Buffer.from([...Buffer.from("GGUF"), 3, 0, 0, 0, ...Array.from({ length: 16 }, () => 0xff)]),
    ],
  ])("of %s is refused", (_, bytes) => {
    writeFileSync(path("hostile.gguf"), bytes);
    expect(() => readGgufHeader(path("hostile.gguf"), everything)).toThrow(
      expect.objectContaining({ code: "model-missing", message: expect.stringContaining("hostile.gguf") }),
    );
  });
});

describe("the facts of a model", () => {
  it("are those of gpt-oss-20b for its shape", () => {
    writeGguf(path(), SHAPE, TENSORS);
    expect(readGgufFacts(path())).toMatchObject({
      architecture: "gpt-oss",
      layers: 24,
      experts: 32,
      usedExperts: 4,
      slidingWindow: 128,
      slidingLayers: 12,
      trainedContext: 131_072,
      vocabularySize: 3,
      chatTemplate: "{{ messages }}",
      // 24,576 bytes a token with 16 bits an element
      cacheElements: { full: 12_288, sliding: 12_288 },
      tensorBytes: { repackable: (64 * 64 * 4 * 17) / 32, attention: (64 * 64 * 34) / 32 },
      parts: [path()],
    });
  });

  it("count every layer of a model without a window", () => {
    const llama = {
      "general.architecture": text("llama"),
      "llama.block_count": uint(32),
      "llama.context_length": uint(8_192),
      "llama.embedding_length": uint(4_096),
      "llama.attention.head_count": uint(32),
      "llama.attention.head_count_kv": uint(8),
    };
    writeGguf(path("llama.gguf"), llama, []);
    expect(readGgufFacts(path("llama.gguf"))).toMatchObject({
      layers: 32,
      experts: 0,
      slidingWindow: undefined,
      cacheElements: { full: 32 * 8 * 256, sliding: 0 },
    });
  });

  it("are undefined where the file does not say", () => {
    writeGguf(path("bare.gguf"), { "general.architecture": text("new-one") }, []);
    expect(readGgufFacts(path("bare.gguf"))).toMatchObject({
      layers: undefined,
      trainedContext: undefined,
      cacheElements: undefined,
    });
  });

  it("are those of the demo model", () => {
    expect(ggufFactsOf(packageFile("setup/demo-model/demo.gguf"))).toMatchObject({
      trainedContext: 8_192,
      parts: [expect.any(String)],
    });
  });

  it("are read again when the file has changed", () => {
    writeGguf(path("changing.gguf"), SHAPE, []);
    expect(ggufFactsOf(path("changing.gguf")).layers).toBe(24);
    writeGguf(path("changing.gguf"), { ...SHAPE, "gpt-oss.block_count": uint(36) }, TENSORS);
    expect(ggufFactsOf(path("changing.gguf")).layers).toBe(36);
  });
});

describe("a model of several files", () => {
  const part = (number: number, count = 3) => {
    const name = `split-0000${number}-of-0000${count}.gguf`;
    writeGguf(
      path(name),
      { ...(number === 1 ? SHAPE : {}), "split.no": uint(number - 1), "split.count": uint(count) },
      TENSORS,
    );
    return path(name);
  };

  it("is read as one", () => {
    const parts = [part(1), part(2), part(3)];
    const facts = readGgufFacts(parts[0] ?? "");
    expect(facts).toMatchObject({ layers: 24, parts, tensors: 9 });
    expect(facts.fileBytes).toBe(parts.reduce((sum, each) => sum + readFileSync(each).length, 0));
  });

  it("names the part that is missing, and the first one where another is given", () => {
    const [first, second] = [part(1), part(2), part(3)];
    expect(() => readGgufFacts(second)).toThrow(expect.objectContaining({ code: "usage" }));
    rmSync(second);
    expect(() => readGgufFacts(first)).toThrow(expect.objectContaining({ message: expect.stringContaining(second) }));
  });
});

function thrownBy(action: () => unknown): unknown {
  try {
    action();
    return undefined;
  } catch (error) {
    return error;
  }
}
