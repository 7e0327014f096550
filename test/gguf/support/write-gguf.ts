import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";

/** Where a GGUF file begins a tensor: at a multiple of so many bytes. */
const ALIGNMENT = 32;

const VALUE_TYPE = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 } as const;

/** A tensor's type in the file: its number, and the bytes of a block of its elements. */
export const TENSOR_TYPE = {
  f32: { number: 0, blockSize: 1, blockBytes: 4 },
  q8_0: { number: 8, blockSize: 32, blockBytes: 34 },
  mxfp4: { number: 39, blockSize: 32, blockBytes: 17 },
} as const;

export type TensorType = keyof typeof TENSOR_TYPE;

export interface GgufTensor {
  readonly name: string;
  readonly type: TensorType;
  /** Elements in each dimension, the fastest first. */
  readonly shape: readonly number[];
  /** What is not zero in it: bytes, and where they begin in the tensor. */
  readonly contents?: readonly { readonly at: number; readonly bytes: Uint8Array }[];
}

/** A value of the header, with the type that it has in the file. */
export type GgufValue =
  | { readonly type: "uint32" | "float32"; readonly value: number }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "strings"; readonly value: readonly string[] }
  | { readonly type: "int32s"; readonly value: readonly number[] };

/**
 * Writes a GGUF file, version 3. The file is sparse: the parts of tensors that `contents` leaves out are zero and take no room on disk.
 * @returns its size in bytes
 */
export function writeGguf(
  path: string,
  metadata: Readonly<Record<string, GgufValue>>,
  tensors: readonly GgufTensor[],
): number {
  const places = placesOf(tensors);
  const header = padded(headerOf(metadata, tensors, places));
  const end = tensors.reduce(
    (furthest, tensor, index) => Math.max(furthest, (places[index] ?? 0) + bytesOf(tensor)),
    0,
  );
  const file = openSync(path, "w");
  try {
    ftruncateSync(file, header.length + end);
    writeSync(file, header, 0, header.length, 0);
    tensors.forEach(({ contents = [] }, index) => {
      for (const { at, bytes } of contents) {
        writeSync(file, bytes, 0, bytes.length, header.length + (places[index] ?? 0) + at);
      }
    });
  } finally {
    closeSync(file);
  }
  return header.length + end;
}

function bytesOf({ type, shape }: GgufTensor): number {
  const { blockSize, blockBytes } = TENSOR_TYPE[type];
  return (shape.reduce((product, size) => product * size, 1) / blockSize) * blockBytes;
}

/** Where each tensor begins, in bytes after the header. */
function placesOf(tensors: readonly GgufTensor[]): readonly number[] {
  let end = 0;
  return tensors.map((tensor) => {
    const begin = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
    end = begin + bytesOf(tensor);
    return begin;
  });
}

function headerOf(
  metadata: Readonly<Record<string, GgufValue>>,
  tensors: readonly GgufTensor[],
  places: readonly number[],
): Buffer {
  const entries = Object.entries(metadata);
  return Buffer.concat([
    Buffer.from("GGUF"),
    uint32(3),
    uint64(tensors.length),
    uint64(entries.length),
    ...entries.map(([key, value]) => Buffer.concat([string(key), encoded(value)])),
    ...tensors.map(({ name, type, shape }, index) =>
      Buffer.concat([
        string(name),
        uint32(shape.length),
        ...shape.map(uint64),
        uint32(TENSOR_TYPE[type].number),
        uint64(places[index] ?? 0),
      ]),
    ),
  ]);
}

function encoded(entry: GgufValue): Buffer {
  if (entry.type === "strings") return list(VALUE_TYPE.string, entry.value.map(string));
  if (entry.type === "int32s") return list(VALUE_TYPE.int32, entry.value.map(int32));
  return Buffer.concat([uint32(VALUE_TYPE[entry.type]), single(entry)]);
}

function single(entry: Exclude<GgufValue, { readonly type: "strings" | "int32s" }>): Buffer {
  if (entry.type === "string") return string(entry.value);
  if (entry.type === "bool") return Buffer.from([entry.value ? 1 : 0]);
  return entry.type === "uint32" ? uint32(entry.value) : float32(entry.value);
}

function list(type: number, items: readonly Buffer[]): Buffer {
  return Buffer.concat([uint32(VALUE_TYPE.array), uint32(type), uint64(items.length), ...items]);
}

function string(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([uint64(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function float32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((ALIGNMENT - (bytes.length % ALIGNMENT)) % ALIGNMENT)]);
}
