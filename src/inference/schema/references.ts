type RawObject = Readonly<Record<string, unknown>>;

/** Where the document itself is, for references that are relative to it. */
const ROOT_URI = "schema:///root";
/** Values, in which nothing is a schema. */
const VALUES = new Set(["const", "enum", "default", "examples", "example"]);

/**
 * Finds what `$ref` points at inside one document: by JSON pointer, by `$id` (draft 4: `id`), by `$anchor` and `$dynamicAnchor`. Nothing
 * is ever fetched.
 */
export class SchemaReferences {
  readonly #places = new Map<string, unknown>();
  readonly #bases = new Map<object, string>();

  constructor(root: unknown) {
    this.#places.set(ROOT_URI, root);
    this.#index(root, ROOT_URI);
  }

  /** @param from the schema in which the reference stands; undefined when there is nothing at its end */
  resolve(reference: string, from: object): unknown {
    const uri = resolveUri(reference, this.#bases.get(from) ?? ROOT_URI);
    if (uri === undefined) return undefined;
    const [address = "", fragment = ""] = uri.split(/#(.*)/s);
    if (fragment !== "" && !fragment.startsWith("/")) return this.#places.get(uri);
    return follow(this.#places.get(address), fragment);
  }

  #index(value: unknown, base: string): void {
    if (typeof value !== "object" || value === null || this.#bases.has(value)) return;
    if (Array.isArray(value)) {
      for (const item of value) this.#index(item, base);
      return;
    }
    const here = this.#identify(value as RawObject, base);
    this.#bases.set(value, here);
    for (const [key, inner] of Object.entries(value)) if (!VALUES.has(key)) this.#index(inner, here);
  }

  /** Notes the names that a schema gives itself; gives the address that its references are relative to. */
  #identify(schema: RawObject, base: string): string {
    const id = schema["$id"] ?? schema["id"];
    let here = base;
    if (typeof id === "string") {
      const uri = resolveUri(id, base);
      if (uri !== undefined) this.#places.set(uri.replace(/#$/, ""), schema);
      if (uri !== undefined && !id.startsWith("#")) here = uri.replace(/#.*$/s, "");
    }
    for (const anchor of [schema["$anchor"], schema["$dynamicAnchor"]]) {
      if (typeof anchor === "string" && !this.#places.has(`${here}#${anchor}`))
        this.#places.set(`${here}#${anchor}`, schema);
    }
    return here;
  }
}

function resolveUri(reference: string, base: string): string | undefined {
  if (reference.startsWith("#")) return base + (reference === "#" ? "" : reference);
  try {
    return new URL(reference, base).href.replace(/#$/, "");
  } catch {
    return undefined; // no address: nothing in this document has it
  }
}

function follow(root: unknown, pointer: string): unknown {
  let here = root;
  for (const step of pointer.split("/").slice(1)) {
    const name = decodeStep(step);
    if (name === undefined || typeof here !== "object" || here === null || !Object.hasOwn(here, name)) return undefined;
    here = (here as RawObject)[name];
  }
  return here;
}

function decodeStep(step: string): string | undefined {
  try {
    return decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
  } catch {
    return undefined; // a lone percent sign: no such place
  }
}
