import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { FORMATS, patternMatcher } from "./patterns.ts";
import type { JsonSchema, SchemaDocument } from "./schema.ts";

/** Ajv calls a regular expression's `test`, and tells the expressions of a schema apart by their `toString`. */
const regExp = Object.assign(
  (source: string) => {
    const matcher = patternMatcher(source);
    return { test: (text: string) => matcher.test(text), toString: () => source } as RegExp;
  },
  { code: "patternMatcher" },
);

const formats = Object.fromEntries(
  Object.entries(FORMATS).map(([name, pattern]) => {
    let matcher: ReturnType<typeof patternMatcher> | undefined;
    return [name, (text: string) => (matcher ??= patternMatcher(pattern)).test(text)];
  }),
);

/** Checks values with the very schema that the grammar is written from. */
export class SchemaValidator {
  readonly #document: SchemaDocument;
  readonly #ajv: Ajv2020;
  #validate: ValidateFunction | undefined;

  constructor(document: SchemaDocument) {
    this.#document = document;
    this.#ajv = new Ajv2020({
      strict: false,
      // it has been read already; a word of Ajv's own would go to the terminal
      validateSchema: false,
      logger: false,
      ownProperties: true,
      multipleOfPrecision: 9,
      formats,
      code: { regExp },
    });
  }

  /** What is wrong with a value, as half a sentence; undefined when it is valid. */
  problemOf(value: unknown): string | undefined {
    this.#validate ??= this.#compile([this.#document.root]);
    if (this.#validate(value)) return undefined;
    const [error] = this.#validate.errors ?? [];
    const place = error?.instancePath || "the value";
    return `${place} ${error?.message ?? "does not fit the schema"}`;
  }

  /** Whether a value is valid by all of these schemas, which stand inside the document. */
  accepts(schemas: readonly JsonSchema[], value: unknown): boolean {
    return this.#compile(schemas)(value);
  }

  #compile(schemas: readonly JsonSchema[]): ValidateFunction {
    return this.#ajv.compile({ allOf: schemas, $defs: this.#document.definitions });
  }
}
