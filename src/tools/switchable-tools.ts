import { resolve } from "node:path";
import { homeFolder } from "../platform/folders.ts";
import { GptOssError } from "../errors/errors.ts";
import { createError } from "../i18n/error-messages.ts";
import { type ApprovalGate, approvalGate } from "./approval.ts";
import { type MadeTools, makeTools, refuseTwins, surroundingsOf, type CreateToolsOptions } from "./create-tools.ts";
import type { AgentTool } from "./define-tool.ts";
import { parseToolWord, type ToolRequest } from "./tool-spec.ts";

/** What one word of a tool list stands for, and which of its tools are offered. */
export interface ToolGroup {
  /** `calculator`, `files:/home/me/notes`; a folder or file with its whole path. */
  readonly word: string;
  readonly tools: readonly { readonly name: string; readonly isOn: boolean }[];
}

interface OpenGroup extends MadeTools {
  readonly kind: ToolRequest["kind"];
  readonly word: string;
}

/** Stands before the name of a tool that is off, in a state that is kept. */
const OFF = "-";

/**
 * Tools that are switched while an agent is there. A name is a word of a tool list (`calculator`, `files:PATH`, `mcp`), the name of one
 * tool (`write_file`), or an MCP server's name for all of its tools. What was allowed for the session stays allowed.
 */
export class SwitchableTools implements AsyncDisposable {
  readonly #options: CreateToolsOptions;
  readonly #gate: ApprovalGate;
  #groups: readonly OpenGroup[] = [];
  #off: ReadonlySet<string> = new Set();

  constructor(options: CreateToolsOptions = {}) {
    this.#options = options;
    const { approve, language } = surroundingsOf(options);
    this.#gate = approvalGate(approve, language);
  }

  /** Those that are on. */
  get tools(): readonly AgentTool[] {
    return this.#groups.flatMap(({ tools }) => tools).filter(({ name }) => !this.#off.has(name));
  }

  /** What the projects of the tools say to those who work on them; undefined when none says anything. */
  get instructions(): string | undefined {
    const all = this.#groups.flatMap(({ tools, instructions }) =>
      instructions !== undefined && tools.some(({ name }) => !this.#off.has(name)) ? [instructions] : [],
    );
    return all.length === 0 ? undefined : all.join("\n\n");
  }

  get groups(): readonly ToolGroup[] {
    return this.#groups.map(({ word, tools }) => ({
      word,
      tools: tools.map(({ name }) => ({ name, isOn: !this.#off.has(name) })),
    }));
  }

  /** All of it, to be given to `restore` in a later chat. */
  get state(): readonly string[] {
    const off = this.#groups.flatMap(({ tools }) => tools).filter(({ name }) => this.#off.has(name));
    return [...this.#groups.map(({ word }) => word), ...off.map(({ name }) => OFF + name)];
  }

  /** @throws GptOssError `usage` that names the word, or the folder or server that can't be used */
  async on(words: readonly string[]): Promise<void> {
    const opened: OpenGroup[] = [];
    for (const word of words) {
      const known = this.#named(word);
      if (known.length > 0) this.#switchOn(known);
      else opened.push(await this.#open(word, opened));
    }
  }

  /** A whole word of a tool list is closed, its MCP servers with it; without words all are. @throws GptOssError `usage` for a name that is not there */
  async off(words: readonly string[] = this.#groups.map(({ word }) => word)): Promise<void> {
    for (const word of words) {
      const groups = this.#groups.filter((open) => isNamed(open, word));
      const known = this.#named(word);
      if (groups.length > 0) await Promise.all(groups.map((group) => this.#close(group)));
      else if (known.length > 0) this.#off = new Set([...this.#off, ...known]);
      else throw this.#notThere(word);
    }
  }

  /** These and no others. */
  async set(words: readonly string[]): Promise<void> {
    await this.on(words);
    const wanted = new Set(words.flatMap((word) => this.#named(word)));
    for (const group of this.#groups) if (!group.tools.some(({ name }) => wanted.has(name))) await this.#close(group);
    this.#off = new Set(
      this.#groups.flatMap(({ tools }) => tools.map(({ name }) => name)).filter((name) => !wanted.has(name)),
    );
  }

  /** What an earlier chat had on. @returns why something of it could not be had */
  async restore(state: readonly string[]): Promise<readonly GptOssError[]> {
    const failures: GptOssError[] = [];
    const words = state.filter((word) => !word.startsWith(OFF));
    for (const { word } of this.#groups) if (!words.includes(word)) await this.off([word]);
    for (const word of words) {
      await this.on([word]).catch((error: unknown) => {
        if (!GptOssError.isInstance(error)) throw error;
        failures.push(error);
      });
    }
    this.#off = new Set(state.filter((word) => word.startsWith(OFF)).map((word) => word.slice(OFF.length)));
    return failures;
  }

  /** Closes all of it, the MCP servers with it. */
  async close(): Promise<void> {
    await this.off();
  }

  /** The same as `close`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The tools that a word names among those that are open. */
  #named(word: string): readonly string[] {
    const groups = this.#groups.filter((group) => isNamed(group, word));
    if (groups.length > 0) return groups.flatMap(namesOf);
    return this.#groups.flatMap(namesOf).filter((name) => name === word || name.startsWith(`${word}__`));
  }

  #switchOn(names: readonly string[]): void {
    this.#off = new Set([...this.#off].filter((name) => !names.includes(name)));
  }

  /** The same tools for another folder take the place of those that were there, but not of `beside`. */
  async #open(word: string, beside: readonly OpenGroup[]): Promise<OpenGroup> {
    const { kind, path: given } = parseToolWord(word, homeFolder());
    const path = given === undefined ? undefined : resolve(given);
    const made = await makeTools({ kind, path }, { ...surroundingsOf(this.#options), gate: this.#gate });
    const group = { ...made, kind, word: path === undefined ? kind : `${kind}:${path}` };
    const names = namesOf(group);
    const replaced = this.#groups.filter(
      (open) => open.kind === kind && !beside.includes(open) && namesOf(open).some((name) => names.includes(name)),
    );
    const others = this.#groups.filter((open) => !replaced.includes(open));
    try {
      refuseTwins([...others, group].flatMap(({ tools }) => tools));
    } catch (error) {
      await made.close?.();
      throw error;
    }
    for (const { close } of replaced) await close?.();
    this.#groups = [...others, group];
    this.#switchOn(names);
    return group;
  }

  async #close(group: OpenGroup): Promise<void> {
    this.#groups = this.#groups.filter((open) => open !== group);
    await group.close?.();
  }

  #notThere(word: string): GptOssError {
    const names = this.#groups.flatMap(({ word: whole, tools }) => [whole, ...tools.map(({ name }) => name)]);
    return names.length === 0
      ? createError("noToolOffered", [word])
      : createError("toolNotOffered", [word, [...new Set(names)].join(", ")]);
  }
}

function namesOf({ tools }: OpenGroup): string[] {
  return tools.map(({ name }) => name);
}

/** By its kind, or by kind and path as it was typed. */
function isNamed({ kind, word }: OpenGroup, name: string): boolean {
  if (name === kind || name === word) return true;
  const [, path] = /^\w+:(.+)$/.exec(name) ?? [];
  return (
    path !== undefined &&
    name.startsWith(`${kind}:`) &&
    `${kind}:${resolve(path.replace(/^~(?=\/|$)/, homeFolder()))}` === word
  );
}
