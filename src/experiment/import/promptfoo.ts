import { existsSync } from "node:fs";
import { basename, dirname, extname, resolve } from "node:path";
import { parse as parseCsv } from "csv-parse/sync";
import { z } from "zod";
import { messageOf } from "../../errors/errors.ts";
import { createError } from "../../i18n/error-messages.ts";
import { resolveUserPath } from "../../platform/user-file.ts";
import { isTemplateName } from "../../prompts/template.ts";
import { parseYaml } from "../../vendor/settings-formats.ts";
import { readText } from "../definition/test-cases.ts";
import { assertionSchema, convertAssertion, type WrittenCheck } from "./promptfoo-checks.ts";

/** What became of a configuration: the definition, and what of it has no counterpart. */
export interface ImportedConfig {
  /** As YAML has it; its paths begin at the configuration's folder. */
  readonly definition: Readonly<Record<string, unknown>>;
  /** Places in the configuration, such as `tests.2.assert.0 (python)`. */
  readonly leftOut: readonly string[];
}

const testSchema = z.looseObject({
  description: z.string().optional(),
  vars: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
  assert: z.array(z.unknown()).optional(),
});
type Test = z.infer<typeof testSchema>;

const configSchema = z.looseObject({
  description: z.string().optional(),
  prompts: z.union([z.string(), z.array(z.unknown())]).optional(),
  providers: z.unknown().optional(),
  tests: z.union([z.string(), z.array(z.unknown())]).optional(),
  defaultTest: z.union([z.string(), testSchema]).optional(),
  evaluateOptions: z.looseObject({ repeat: z.int().min(1).max(1000).optional() }).optional(),
  assertionTemplates: z.record(z.string(), z.unknown()).optional(),
});
type Config = z.infer<typeof configSchema>;

/** Fields that are converted, or that decide nothing here. */
const KNOWN_FIELDS: ReadonlySet<string> = new Set(
  (
    "description prompts providers tests defaultTest evaluateOptions assertionTemplates " +
    "outputPath sharing env tags writeLatestResults commandLineOptions $schema"
  ).split(" "),
);
/** A key and an address do not matter to a local model. */
const KNOWN_PROVIDER_FIELDS: ReadonlySet<string> = new Set(
  "temperature max_tokens tools functions apiKey apiKeyEnvar apiBaseUrl apiHost organization headers".split(" "),
);
const KNOWN_TEST_FIELDS = new Set(["description", "vars", "assert", "metadata"]);

/**
 * Converts a configuration of promptfoo. Its models are not converted: an experiment runs on a local one.
 * @throws GptOssError `usage` for a file that is not a configuration
 */
export function importPromptfoo(path: string, name: string): ImportedConfig {
  const config = readConfig(path);
  const importer = new Importer(config, dirname(resolve(path)));
  return importer.convert(name);
}

function readConfig(path: string): Config {
  let value: unknown;
  try {
    value = parseYaml(readText(path), { logLevel: "error" });
  } catch (error) {
    throw createError("badPromptfooConfig", [path, messageOf(error).split("\n")[0] ?? ""]);
  }
  const config = configSchema.safeParse(value);
  if (config.success && config.data.prompts !== undefined) return config.data;
  const [issue] = config.error?.issues ?? [];
  throw createError("badPromptfooConfig", [path, issue ? `${issue.path.join(".")}: ${issue.message}` : "prompts"]);
}

interface WrittenVariant {
  readonly name: string;
  readonly prompt: string;
  readonly system?: string;
}

class Importer {
  readonly #config: Config;
  readonly #folder: string;
  readonly #leftOut: string[] = [];

  constructor(config: Config, folder: string) {
    this.#config = config;
    this.#folder = folder;
  }

  convert(name: string): ImportedConfig {
    const { description, evaluateOptions, defaultTest } = this.#config;
    const fallback = typeof defaultTest === "string" ? undefined : defaultTest;
    if (typeof defaultTest === "string") this.#leftOut.push(`defaultTest (${defaultTest})`);
    for (const field of Object.keys(this.#config)) if (!KNOWN_FIELDS.has(field)) this.#leftOut.push(field);
    const variants = this.#variants();
    const checks = fallback ? this.#checksOf(fallback, "defaultTest") : [];
    const shared = Object.entries(this.#varsOf(fallback, "defaultTest")).map(
      ([key, value]) => [key, textOf(Array.isArray(value) ? value[0] : value)] as const,
    );
    const { settings, tools } = this.#providers();
    return {
      definition: {
        name,
        ...(description !== undefined && { description }),
        variants,
        ...(shared.length > 0 && { variables: Object.fromEntries(shared) }),
        cases: this.#cases(),
        ...(tools.length > 0 && { tools }),
        ...(Object.keys(settings).length > 0 && { settings }),
        ...(evaluateOptions?.repeat !== undefined && { repeats: evaluateOptions.repeat }),
        // an experiment needs at least one check; a configuration does not
        checks: checks.length > 0 ? checks : [{ type: "no_truncation" }],
      },
      leftOut: this.#leftOut,
    };
  }

  #variants(): readonly WrittenVariant[] {
    const { prompts = [] } = this.#config;
    const list = typeof prompts === "string" ? [prompts] : prompts;
    const all = list.flatMap((prompt, index) => this.#promptsOf(prompt, `prompts.${index}`));
    const names = new Set<string>();
    return all.map((variant, index) => {
      const { name } = variant;
      const free = name === "" || names.has(name) ? `prompt-${index + 1}` : name;
      names.add(free);
      return renamed(variant, free);
    });
  }

  #promptsOf(given: unknown, at: string): readonly WrittenVariant[] {
    if (typeof given === "string") return this.#promptText(given, "", at);
    const written = z
      .looseObject({ id: z.string().optional(), raw: z.string().optional(), label: z.string().optional() })
      .safeParse(given).data;
    const text = written?.raw ?? written?.id;
    if (text === undefined) return this.#leaveOut(at);
    return this.#promptText(text, written?.label ?? "", at);
  }

  #promptText(given: string, name: string, at: string): readonly WrittenVariant[] {
    const isFile = given.startsWith("file://") || (/^[^\s{]+\.\w+$/.test(given) && existsSync(this.#path(given)));
    if (!isFile) return [this.#variant({ name, prompt: given }, at)];
    const file = given.replace(/^file:\/\//, "");
    const kind = extname(file).toLowerCase();
    if (!existsSync(this.#path(file)) || ![".txt", ".md", ".json", ".yaml", ".yml"].includes(kind))
      return this.#leaveOut(`${at} (${file})`);
    const text = readText(this.#path(file));
    const called = name === "" ? basename(file, kind) : name;
    if (kind === ".json" || kind.startsWith(".y")) return this.#chat(text, called, at);
    // promptfoo separates the prompts of one file by lines of dashes
    const parts = kind === ".txt" ? text.split(/^---\s*$/m) : [text];
    return parts.map((part, index) =>
      this.#variant({ name: parts.length > 1 ? `${called}-${index + 1}` : called, prompt: part.trim() }, at),
    );
  }

  /** A list of messages: system message and the user's. */
  #chat(text: string, name: string, at: string): readonly WrittenVariant[] {
    let value: unknown;
    try {
      value = parseYaml(text, { logLevel: "error" });
    } catch {
      // a template may be valid JSON only after its placeholders are filled in
      return this.#leaveOut(at);
    }
    const messages = z.array(z.object({ role: z.string(), content: z.string() })).safeParse(value).data ?? [];
    const user = messages.find(({ role }) => role === "user");
    const system = messages.find(({ role }) => role === "system" || role === "developer");
    if (!user || messages.length > (system ? 2 : 1)) return this.#leaveOut(at);
    return [this.#variant({ name, prompt: user.content, ...(system && { system: system.content }) }, at)];
  }

  #variant(variant: WrittenVariant, at: string): WrittenVariant {
    const text = `${variant.system ?? ""}${variant.prompt}`;
    const tags = [...text.matchAll(/\{%.*?%\}|\{\{(.*?)\}\}/gs)].filter(
      ([, inner]) => inner === undefined || !isTemplateName(inner.trim()),
    );
    for (const [tag] of tags) this.#leftOut.push(`${at} (${tag})`);
    return variant;
  }

  #leaveOut(at: string): readonly never[] {
    this.#leftOut.push(at);
    return [];
  }

  #path(file: string): string {
    return resolveUserPath(file, this.#folder);
  }

  #providers(): { readonly settings: Record<string, unknown>; readonly tools: readonly unknown[] } {
    const { providers } = this.#config;
    const list = Array.isArray(providers) ? (providers as readonly unknown[]) : [providers];
    const settings: Record<string, unknown> = {};
    const tools: unknown[] = [];
    const numbers = z.looseObject({
      temperature: z.number().min(0).max(2).optional(),
      max_tokens: z.int().min(1).optional(),
      tools: z.union([z.string(), z.array(z.unknown())]).optional(),
      functions: z.union([z.string(), z.array(z.unknown())]).optional(),
    });
    for (const [index, provider] of list.entries()) {
      const config = z.looseObject({ config: numbers.optional() }).safeParse(provider).data?.config;
      if (config?.temperature !== undefined) settings["temperature"] ??= config.temperature;
      if (config?.max_tokens !== undefined) settings["max_tokens"] ??= config.max_tokens;
      for (const field of Object.keys(config ?? {}))
        if (!KNOWN_PROVIDER_FIELDS.has(field)) this.#leftOut.push(`providers.${index}.config.${field}`);
      if (tools.length > 0) continue;
      for (const field of ["tools", "functions"] as const)
        tools.push(...this.#tools(config?.[field], `providers.${index}.config.${field}`));
    }
    return { settings, tools };
  }

  /** Tools of a provider: a list, or a JSON or YAML file with one. */
  #tools(given: string | readonly unknown[] | undefined, at: string): readonly unknown[] {
    if (given === undefined) return [];
    const list = typeof given === "string" ? this.#fileTools(given) : given;
    if (list === undefined) return this.#leaveOut(`${at} (${String(given)})`);
    return list.flatMap((tool, number) => {
      const written = toolSchema.safeParse(tool).data;
      const converted = written && "function" in written ? written.function : written;
      return converted ? [converted] : this.#leaveOut(`${at}.${number}`);
    });
  }

  #fileTools(given: string): readonly unknown[] | undefined {
    const path = this.#path(given.replace(/^file:\/\//, ""));
    if (!existsSync(path) || !/\.(?:json|ya?ml)$/i.test(path)) return undefined;
    try {
      return z.array(z.unknown()).safeParse(parseYaml(readText(path), { logLevel: "error" })).data;
    } catch {
      // a template, or not YAML at all
      return undefined;
    }
  }

  #cases(): readonly object[] {
    const { tests } = this.#config;
    const list = typeof tests === "string" ? this.#fileTests(tests, "tests") : (tests ?? [{}]);
    const ids = new Set<string>();
    return list.flatMap((given, index): readonly object[] => {
      const at = `tests.${index}`;
      if (typeof given === "string") return this.#fileTests(given, at).flatMap((test) => this.#casesOf(test, at, ids));
      const test = testSchema.safeParse(given).data;
      return test ? this.#casesOf(test, at, ids) : this.#leaveOut(at);
    });
  }

  #casesOf(test: Test, at: string, ids: Set<string>): readonly object[] {
    for (const field of Object.keys(test)) if (!KNOWN_TEST_FIELDS.has(field)) this.#leftOut.push(`${at}.${field}`);
    const checks = this.#checksOf(test, at);
    // a variable that is a list makes a case of each value
    const own = checks.length > 0 ? { checks } : {};
    return combinations(this.#varsOf(test, at)).map((variables) => {
      const id = freeId(test.description ?? `case-${ids.size + 1}`, ids);
      return Object.assign({ id, variables }, own);
    });
  }

  #varsOf(test: Test | undefined, at: string): Readonly<Record<string, unknown>> {
    const vars = test?.vars ?? {};
    if (typeof vars === "string") {
      this.#leftOut.push(`${at}.vars (${vars})`);
      return {};
    }
    const usable = Object.entries(vars).filter(
      ([name]) => isTemplateName(name) || !this.#leftOut.push(`${at}.vars.${name}`),
    );
    return Object.fromEntries(usable);
  }

  #checksOf({ assert = [] }: Test, at: string): readonly WrittenCheck[] {
    const names = new Map<string, number>();
    return assert
      .flatMap((given, index) => this.#assertion(given, `${at}.assert.${index}`))
      .map((check) => {
        const { name } = check;
        if (typeof name !== "string") return check;
        const count = (names.get(name) ?? 0) + 1;
        names.set(name, count);
        return count === 1 ? check : renamed(check, `${name} ${count}`);
      });
  }

  #assertion(given: unknown, at: string): readonly WrittenCheck[] {
    const reference = z.object({ $ref: z.string() }).safeParse(given).data?.$ref;
    const template = reference?.replace(/^#\/assertionTemplates\//, "");
    if (template !== undefined) {
      const found = this.#config.assertionTemplates?.[template];
      return found === undefined ? this.#leaveOut(`${at} (${reference ?? ""})`) : this.#assertion(found, at);
    }
    const set = z.object({ type: z.literal("assert-set"), assert: z.array(z.unknown()) }).safeParse(given).data;
    if (set) return set.assert.flatMap((one, index) => this.#assertion(one, `${at}.assert.${index}`));
    const assertion = assertionSchema.safeParse(given).data;
    const check = assertion && convertAssertion(assertion);
    return check ? [check] : this.#leaveOut(`${at} (${assertion?.type ?? "?"})`);
  }

  /** A file of tests: CSV with a column for each variable, and assertions in `__expected`; or YAML. */
  #fileTests(given: string, at: string): readonly Test[] {
    const file = given.replace(/^file:\/\//, "");
    const path = this.#path(file);
    if (!existsSync(path)) return this.#leaveOut(`${at} (${given})`);
    if (/\.ya?ml$/i.test(file)) {
      const tests = z.array(testSchema).safeParse(parseYaml(readText(path), { logLevel: "error" })).data;
      return tests ?? this.#leaveOut(`${at} (${given})`);
    }
    if (!/\.csv$/i.test(file)) return this.#leaveOut(`${at} (${given})`);
    const rows = parseCsv(readText(path), { columns: true, skip_empty_lines: true }) as unknown as readonly Readonly<
      Record<string, string>
    >[];
    return rows.map(testOfRow);
  }
}

function testOfRow(row: Readonly<Record<string, string>>): Test {
  const vars = Object.entries(row).filter(([name]) => !name.startsWith("__"));
  const expected = Object.entries(row).filter(([name, value]) => /^__expected\d*$/.test(name) && value !== "");
  const description = row["__description"];
  return {
    vars: Object.fromEntries(vars),
    assert: expected.map(([, value]) => expectedAssertion(value)),
    ...(description !== undefined && description !== "" && { description }),
  };
}

function renamed<Named extends object>(given: Named, name: string): Named & { readonly name: string } {
  return { ...given, name };
}

const functionSchema = z.object({
  name: z.string().regex(/^[\w-]+$/),
  description: z.string().default(""),
  parameters: z.record(z.string(), z.json()).optional(),
});

/** Providers call the schema of the parameters `parameters` or `input_schema`. */
const namedFunctionSchema = z
  .looseObject({ input_schema: z.record(z.string(), z.json()).optional(), type: z.literal("function").optional() })
  .transform(({ input_schema: parameters, ...rest }) => (parameters === undefined ? rest : { parameters, ...rest }))
  .pipe(functionSchema);

/** A tool of the Chat Completions API, or the function alone. */
const toolSchema = z.union([
  z.object({ type: z.literal("function"), function: namedFunctionSchema }),
  namedFunctionSchema,
]);

/** `contains: text` in a column `__expected`; text alone has to be the answer. */
function expectedAssertion(text: string): unknown {
  const [, type, value = ""] = /^((?:not-)?[a-z]+(?:-[a-z]+)*)\s*:\s*([^]*)$/.exec(text) ?? [];
  if (type === "grade") return { type: "llm-rubric", value };
  if (type === "fn" || type === "eval") return { type: "javascript", value };
  return type === undefined ? { type: "equals", value: text } : { type, ...(value !== "" && { value }) };
}

function textOf(value: unknown): string | number | boolean {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return value === undefined ? "" : JSON.stringify(value);
}

/** Each value of each variable that is a list with each of the others. */
function combinations(vars: Readonly<Record<string, unknown>>): readonly Record<string, unknown>[] {
  return Object.entries(vars).reduce<readonly Record<string, unknown>[]>(
    (all, [name, value]) => {
      const values: readonly unknown[] = Array.isArray(value) ? value : [value];
      return all.flatMap((one) => values.map((item) => withValue(one, name, textOf(item))));
    },
    [{}],
  );
}

function withValue(vars: Record<string, unknown>, name: string, value: unknown): Record<string, unknown> {
  return { ...vars, [name]: value };
}

function freeId(wanted: string, ids: Set<string>): string {
  const base = wanted.trim() || "case";
  let id = base;
  for (let number = 2; ids.has(id); number++) id = `${base} (${number})`;
  ids.add(id);
  return id;
}
