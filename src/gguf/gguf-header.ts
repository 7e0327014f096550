import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { type GptOssError, messageOf, systemCodeOf } from "../errors/errors.ts";
import { createError, type LocalizedText, errorDetail } from "../i18n/error-messages.ts";

/** A value of the header; of an array only the length, unless the caller asked for its numbers. */
export type GgufValue = string | number | boolean | readonly (number | boolean)[] | { readonly length: number };

export interface GgufTensor {
  readonly name: string;
  /** ggml's number of its type. */
  readonly type: number;
  readonly elements: number;
  /** Bytes of its data; undefined for a type that is newer than this package. */
  readonly bytes: number | undefined;
}

export interface GgufHeader {
  readonly path: string;
  readonly version: number;
  readonly values: ReadonlyMap<string, GgufValue>;
  readonly tensors: readonly GgufTensor[];
  /** Bytes of the whole file. */
  readonly fileBytes: number;
}

export interface GgufOptions {
  /** Which values are read; all others are skipped. An array of text is never read. */
  readonly isWanted: (key: string) => boolean;
}

/** Real headers have up to some 20 MB, nearly all of it vocabulary. A damaged one in a sparse file could have terabytes. */
const MOST_HEADER_BYTES = 128 * 2 ** 20;
const MOST_ENTRIES = 65_536;
const MOST_NUMBERS = 4_096;
const MOST_KEY_BYTES = 65_535;
const MOST_TEXT_BYTES = 2 ** 20;
const WINDOW_BYTES = 256 * 1024;
const DEFAULT_ALIGNMENT = 32;

const TEXT = 8;
const ARRAY = 9;

interface ScalarType {
  /** Bytes. */
  readonly size: number;
  readonly read: (bytes: Buffer, at: number) => number | boolean;
}

/** The types of values that have a fixed size, by their numbers. */
const SCALARS: Readonly<Record<number, ScalarType>> = {
  0: { size: 1, read: (bytes, at) => bytes.readUInt8(at) },
  1: { size: 1, read: (bytes, at) => bytes.readInt8(at) },
  2: { size: 2, read: (bytes, at) => bytes.readUInt16LE(at) },
  3: { size: 2, read: (bytes, at) => bytes.readInt16LE(at) },
  4: { size: 4, read: (bytes, at) => bytes.readUInt32LE(at) },
  5: { size: 4, read: (bytes, at) => bytes.readInt32LE(at) },
  6: { size: 4, read: (bytes, at) => bytes.readFloatLE(at) },
  7: { size: 1, read: (bytes, at) => bytes.readUInt8(at) !== 0 },
  10: { size: 8, read: (bytes, at) => Number(bytes.readBigUInt64LE(at)) },
  11: { size: 8, read: (bytes, at) => Number(bytes.readBigInt64LE(at)) },
  12: { size: 8, read: (bytes, at) => bytes.readDoubleLE(at) },
};

/**
 * Reads the header of a GGUF file (versions 2 and 3, little-endian). The vocabulary is walked over and not decoded: for 201,088
 * tokens this takes some 20 ms and one buffer, where @huggingface/gguf takes 1.2 s and 96 MB. Every length is compared with the
 * size of the file before anything is allocated.
 * @throws GptOssError `model-missing` when the file is not a GGUF, is damaged or was cut; `usage` when it can't be read
 */
export function readGgufHeader(path: string, options: GgufOptions): GgufHeader {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    throw describeReadError(path, error);
  }
  try {
    return new HeaderReader(path, file, fstatSync(file).size).read(options);
  } catch (error) {
    throw describeReadError(path, error);
  } finally {
    closeSync(file);
  }
}

function describeReadError(path: string, error: unknown): unknown {
  return systemCodeOf(error) === undefined
    ? error
    : createError("fileUnreadable", [path, messageOf(error)], { cause: error });
}

/** A file with a header that can't be true. */
export function damagedGguf(path: string, what: LocalizedText): GptOssError {
  return createError("damagedGguf", [path, what]);
}

class HeaderReader {
  readonly #path: string;
  readonly #file: number;
  readonly #fileBytes: number;
  readonly #window: Buffer;
  #windowStart = 0;
  #windowLength = 0;
  #at = 0;

  constructor(path: string, file: number, fileBytes: number) {
    this.#path = path;
    this.#file = file;
    this.#fileBytes = fileBytes;
    this.#window = Buffer.allocUnsafe(Math.max(8, Math.min(WINDOW_BYTES, fileBytes)));
  }

  read({ isWanted }: GgufOptions): GgufHeader {
    if (this.#fileBytes < 4 || this.#readBytes(4).toString("latin1") !== "GGUF") {
      throw createError("notGguf", [this.#path]);
    }
    const version = this.#readVersion();
    const tensorCount = this.#readCount(24);
    const valueCount = this.#readCount(13);
    const values = new Map<string, GgufValue>();
    for (let index = 0; index < valueCount; index++) {
      const key = this.#readText(MOST_KEY_BYTES);
      const value = this.#readValue(isWanted(key) || key === "general.alignment");
      if (value !== undefined) values.set(key, value);
    }
    const alignment = values.get("general.alignment") ?? DEFAULT_ALIGNMENT;
    if (typeof alignment !== "number" || !isPowerOfTwo(alignment))
      return this.#refuse(errorDetail("ggufField", "general.alignment"), this.#at);
    const tensors = this.#readTensors(tensorCount, alignment);
    return { path: this.#path, version, values, tensors, fileBytes: this.#fileBytes };
  }

  #readVersion(): number {
    const version = this.#readNumber(4);
    if (version === 2 || version === 3) return version;
    // the other byte order turns 3 into 0x03000000
    if ((version & 0xffff) === 0 && version !== 0) throw createError("bigEndianGguf", [this.#path]);
    throw createError("otherGgufVersion", [this.#path, version]);
  }

  /** A number of things of at least `smallest` bytes each. */
  #readCount(smallest: number): number {
    const start = this.#at;
    const count = this.#readNumber(8);
    if (count > MOST_ENTRIES) this.#refuse(errorDetail("ggufCount"), start);
    if (count * smallest > this.#fileBytes - this.#at) this.#endsEarly();
    return count;
  }

  #readValue(isWanted: boolean): GgufValue | undefined {
    const start = this.#at;
    const type = this.#readNumber(4);
    if (type === TEXT) return this.#readTextValue(isWanted);
    if (type === ARRAY) return this.#readArray(isWanted);
    const scalar = SCALARS[type];
    if (scalar === undefined) return this.#refuse(errorDetail("ggufValueType", type), start);
    if (isWanted) return this.#readScalar(scalar);
    this.#skip(scalar.size);
    return undefined;
  }

  #readTextValue(isWanted: boolean): string | undefined {
    if (!isWanted) {
      this.#skip(this.#readNumber(8));
      return undefined;
    }
    return this.#readText(MOST_TEXT_BYTES);
  }

  #readArray(isWanted: boolean): GgufValue | undefined {
    const start = this.#at;
    const type = this.#readNumber(4);
    const length = this.#readNumber(8);
    if (type === TEXT) {
      if (length * 8 > this.#fileBytes - this.#at) this.#endsEarly();
      for (let index = 0; index < length; index++) this.#skip(this.#readNumber(8));
      return isWanted ? { length } : undefined;
    }
    const scalar = SCALARS[type];
    if (scalar === undefined) return this.#refuse(errorDetail("ggufValueType", type), start);
    if (length * scalar.size > this.#fileBytes - this.#at) this.#endsEarly();
    if (isWanted && length <= MOST_NUMBERS) return Array.from({ length }, () => this.#readScalar(scalar));
    this.#skip(length * scalar.size);
    return isWanted ? { length } : undefined;
  }

  #readScalar({ size, read }: ScalarType): number | boolean {
    const { bytes, at } = this.#take(size);
    return read(bytes, at);
  }

  #readTensors(count: number, alignment: number): GgufTensor[] {
    const tensors: GgufTensor[] = [];
    let dataBytes = 0;
    for (let index = 0; index < count; index++) {
      const name = this.#readText(MOST_KEY_BYTES);
      const start = this.#at;
      const dimensions = this.#readNumber(4);
      if (dimensions > 4) this.#refuse(errorDetail("ggufTensor", name), start);
      let elements = 1;
      let rowLength = 1;
      for (let dimension = 0; dimension < dimensions; dimension++) {
        const length = this.#readNumber(8);
        if (dimension === 0) rowLength = length;
        elements *= length;
      }
      const type = this.#readNumber(4);
      const offset = this.#readNumber(8);
      const bytes = tensorBytes(type, elements, rowLength);
      if (!Number.isSafeInteger(elements) || offset % alignment !== 0)
        this.#refuse(errorDetail("ggufTensor", name), start);
      dataBytes = Math.max(dataBytes, offset + (bytes ?? 0));
      tensors.push({ name, type, elements, bytes });
    }
    const wholeBytes = count === 0 ? this.#at : Math.ceil(this.#at / alignment) * alignment + dataBytes;
    if (wholeBytes > this.#fileBytes) throw createError("cutGguf", [this.#path, this.#fileBytes, wholeBytes]);
    return tensors;
  }

  #readText(most: number): string {
    const start = this.#at;
    const length = this.#readNumber(8);
    if (length > this.#fileBytes - this.#at) this.#endsEarly();
    if (length > most) this.#refuse(errorDetail("ggufText"), start);
    return this.#readBytes(length).toString("utf8");
  }

  /** An unsigned number of 4 or 8 bytes; beyond 2^53 it can't be a length, and needs no exact value. */
  #readNumber(size: 4 | 8): number {
    const { bytes, at } = this.#take(size);
    const low = bytes.readUInt32LE(at);
    return size === 4 ? low : bytes.readUInt32LE(at + 4) * 2 ** 32 + low;
  }

  #readBytes(length: number): Buffer {
    if (length <= this.#window.length) {
      const { bytes, at } = this.#take(length);
      return bytes.subarray(at, at + length);
    }
    const bytes = Buffer.allocUnsafe(length);
    this.#fill(bytes, this.#at);
    this.#skip(length);
    return bytes;
  }

  /** Where the next few bytes are in memory. */
  #take(size: number): { readonly bytes: Buffer; readonly at: number } {
    if (this.#at + size > this.#windowStart + this.#windowLength || this.#at < this.#windowStart) {
      if (this.#at + size > this.#fileBytes) this.#endsEarly();
      this.#windowStart = this.#at;
      this.#windowLength = this.#fill(this.#window, this.#at);
      if (size > this.#windowLength) this.#endsEarly();
    }
    const at = this.#at - this.#windowStart;
    this.#skip(size);
    return { bytes: this.#window, at };
  }

  #skip(size: number): void {
    if (this.#at + size > this.#fileBytes) this.#endsEarly();
    this.#at += size;
    if (this.#at > MOST_HEADER_BYTES) this.#refuse(errorDetail("ggufHeader"), this.#at);
  }

  #fill(target: Buffer, position: number): number {
    let length = 0;
    while (length < target.length) {
      const count = readSync(this.#file, target, length, target.length - length, position + length);
      if (count === 0) break;
      length += count;
    }
    return length;
  }

  #endsEarly(): never {
    throw createError("cutGgufHeader", [this.#path, this.#fileBytes]);
  }

  #refuse(what: LocalizedText, at: number): never {
    throw damagedGguf(this.#path, errorDetail("ggufAt", what, at));
  }
}

function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(value) && value > 0 && Number.isInteger(Math.log2(value));
}

/** Elements and bytes of one block of each tensor type, by ggml's number (ggml/src/ggml-common.h). */
const BLOCKS: Readonly<Record<number, readonly [elements: number, bytes: number]>> = {
  0: [1, 4], // F32
  1: [1, 2], // F16
  2: [32, 18], // Q4_0
  3: [32, 20], // Q4_1
  6: [32, 22], // Q5_0
  7: [32, 24], // Q5_1
  8: [32, 34], // Q8_0
  9: [32, 36], // Q8_1
  10: [256, 84], // Q2_K
  11: [256, 110], // Q3_K
  12: [256, 144], // Q4_K
  13: [256, 176], // Q5_K
  14: [256, 210], // Q6_K
  15: [256, 292], // Q8_K
  16: [256, 66], // IQ2_XXS
  17: [256, 74], // IQ2_XS
  18: [256, 98], // IQ3_XXS
  19: [256, 50], // IQ1_S
  20: [32, 18], // IQ4_NL
  21: [256, 110], // IQ3_S
  22: [256, 82], // IQ2_S
  23: [256, 136], // IQ4_XS
  24: [1, 1], // I8
  25: [1, 2], // I16
  26: [1, 4], // I32
  27: [1, 8], // I64
  28: [1, 8], // F64
  29: [256, 56], // IQ1_M
  30: [1, 2], // BF16
  34: [256, 54], // TQ1_0
  35: [256, 66], // TQ2_0
  39: [32, 17], // MXFP4
  40: [64, 36], // NVFP4
  41: [128, 18], // Q1_0
  42: [64, 18], // Q2_0
};

/** Bytes of a tensor's data, whose rows are whole blocks; undefined for a type that is not known here. */
export function tensorBytes(type: number, elements: number, rowLength: number): number | undefined {
  const block = BLOCKS[type];
  if (block === undefined) return undefined;
  if (rowLength === 0) return 0;
  return (elements / rowLength) * Math.ceil(rowLength / block[0]) * block[1];
}
