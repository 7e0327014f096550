import { createHash } from "node:crypto";
import { appendFile, readFile } from "node:fs/promises";
import { z } from "zod";
import { systemCodeOf } from "../../errors/errors.ts";
import type { InferenceClient } from "../../inference/client.ts";
import { type PromptRequest, requestOf } from "./cell.ts";

/** One line of prompts.jsonl: what a server made of one request. */
const lineSchema = z.object({
  version: z.literal(1),
  /** Of the request and the server, see `#idOf`. */
  id: z.string(),
  /** The text that the model read. */
  rendered: z.string(),
});

/** A server as far as it decides the text of a prompt. */
export interface PromptServer {
  readonly inference: Pick<InferenceClient, "renderPrompt">;
  readonly build: string;
  /** Its chat template; empty when the server does not tell. */
  readonly chatTemplate: string;
}

type Line = z.infer<typeof lineSchema>;

/**
 * The prompts that servers have rendered, in `OUT/EXPERIMENT/prompts.jsonl`. A server renders a prompt with a request of its own, which for
 * 10,000 known cells took most of the time of a run. The reports show these texts too.
 */
export class RenderedPrompts {
  readonly #path: string;
  readonly #known: Map<string, string>;
  readonly #asked = new Map<string, Promise<string>>();
  readonly #unsaved = new Map<string, string>();
  /** Hashes of templates: a template is long, and all prompts of a server have the same. */
  readonly #templates = new Map<string, string>();

  private constructor(path: string, known: Map<string, string>) {
    this.#path = path;
    this.#known = known;
  }

  /** Opens the file, which need not exist yet. A line that cannot be read is skipped: its prompt is rendered again. */
  static async open(path: string): Promise<RenderedPrompts> {
    return new RenderedPrompts(path, new Map((await readLines(path)).map(({ id, rendered }) => [id, rendered])));
  }

  /**
   * Renders some prompts again. If a server renders one of them differently today, no stored text counts for this server any longer: its
   * template may depend on more than its text, the date for example.
   */
  async verify(prompts: readonly PromptRequest[], server: PromptServer, signal?: AbortSignal): Promise<void> {
    let isSame = true;
    for (const prompt of prompts) {
      const id = this.#idOf(prompt, server);
      const known = this.#known.get(id);
      const rendered = await this.#ask(id, prompt, server, signal);
      if (known !== undefined && known !== rendered) isSame = false;
    }
    if (!isSame) this.#known.clear();
  }

  /** The text that the server makes of a prompt. Two requests at the same time ask the server once. */
  async render(prompt: PromptRequest, server: PromptServer, signal?: AbortSignal): Promise<string> {
    const id = this.#idOf(prompt, server);
    const known = this.#asked.has(id) ? undefined : this.#known.get(id);
    return known ?? (await this.#ask(id, prompt, server, signal));
  }

  async #ask(id: string, prompt: PromptRequest, server: PromptServer, signal?: AbortSignal): Promise<string> {
    const asked = this.#asked.get(id) ?? server.inference.renderPrompt(requestOf(prompt), signal);
    this.#asked.set(id, asked);
    const rendered = await asked;
    if (this.#known.get(id) !== rendered) this.#unsaved.set(id, rendered);
    return rendered;
  }

  /** All that decides a prompt's text, as far as it can be known: the request, the server's template and llama.cpp's build. */
  #idOf(prompt: PromptRequest, { build, chatTemplate }: PromptServer): string {
    const hash = this.#templates.get(chatTemplate) ?? createHash("sha256").update(chatTemplate).digest("hex");
    this.#templates.set(chatTemplate, hash);
    const parts = JSON.stringify([build, hash, prompt]);
    return createHash("sha256").update(parts).digest("hex").slice(0, 32);
  }

  /** Appends what was rendered since the last call. */
  async save(): Promise<void> {
    if (this.#unsaved.size === 0) return;
    const lines = [...this.#unsaved].map(([id, rendered]) => JSON.stringify({ version: 1, id, rendered }));
    this.#unsaved.clear();
    // a line that was cut ends here
    await appendFile(this.#path, `\n${lines.join("\n")}\n`);
  }
}

/** The texts that the file holds, by their id. */
export async function readPromptTexts(path: string): Promise<ReadonlyMap<string, string>> {
  return new Map((await readLines(path)).map(({ rendered }) => [promptTextId(rendered), rendered]));
}

/** What a run's files call a rendered prompt. */
export function promptTextId(rendered: string): string {
  return createHash("sha256").update(rendered).digest("hex").slice(0, 32);
}

async function readLines(path: string): Promise<readonly Line[]> {
  const text = await readOrNothing(path);
  return text.split("\n").flatMap((line) => (line === "" ? [] : (readLine(line) ?? [])));
}

async function readOrNothing(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return "";
    throw error;
  }
}

function readLine(text: string): Line | undefined {
  try {
    return lineSchema.safeParse(JSON.parse(text)).data;
  } catch {
    // a line that was cut
    return undefined;
  }
}
