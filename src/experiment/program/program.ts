import type { BaseMessage } from "@langchain/core/messages";
import type { Effort } from "../../config/effort.ts";
import type { ServerCapabilities } from "../../inference/capabilities.ts";
import type { Sampling } from "../../llama-server/model-catalogue.ts";
import type { ChatGptOss } from "../../model/chat-gpt-oss.ts";
import type { Step } from "../answer.ts";
import type { Case } from "../definition/test-cases.ts";

/** What a program is asked. It does not see what the checks expect. */
export interface ProgramCase extends Pick<Case, "id" | "variables" | "history"> {
  /** What the user says after the first answer, and after each that follows. */
  readonly turns: readonly string[];
}

/** What a program gets beside the test case. */
export interface ProgramContext {
  /**
   * Bound to the seed, temperature, effort and date of this result. Its calls are recorded and cached, so that tokens, times and the
   * trajectory need no further work.
   */
  readonly model: ChatGptOss;
  /** Aborts when the run is interrupted. */
  readonly signal: AbortSignal;
  readonly seed: number;
  readonly settings: ProgramSettings;
  /** What the definition says under `with`. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** What the model of a program is set to. */
export interface ProgramSettings {
  readonly model: string;
  readonly effort: Effort;
  readonly temperature: number;
  readonly maxTokens: number;
}

/** A call of a tool in the answer of a program, under our names or under those of LangChain. */
export interface ProgramToolCall {
  readonly name: string;
  /** JSON text, or the parsed value. */
  readonly arguments?: unknown;
  /** The same under LangChain's name. */
  readonly args?: unknown;
}

/** What a program may return: text, a message, the state of an agent, or the parts of an answer. Any other value is judged as JSON. */
export type ProgramOutput =
  | string
  | BaseMessage
  | {
      readonly text?: string;
      readonly messages?: readonly BaseMessage[];
      /** Default: those that the model has made. */
      readonly toolCalls?: readonly ProgramToolCall[];
      /** The answer to each message of the user, and how many calls of the model there were up to its end; for checks of turns. */
      readonly turns?: readonly { readonly text: string; readonly steps: number }[];
    };

/** A program as a variant. */
export type ProgramFunction = (testCase: ProgramCase, context: ProgramContext) => unknown;

/** A LangChain Runnable, an agent, or anything else that is invoked like one. */
export interface Invocable {
  /** Answers one input, as a Runnable does. */
  invoke(input: never, options?: never): unknown;
}

/**
 * What an experiment compares, written in code: the text or the path of a prompt, a function, or a Runnable. With a `version`, answers are
 * stored under it and are not computed again.
 */
export type VariantSource =
  string | ProgramFunction | Invocable | { readonly run: ProgramFunction | Invocable; readonly version: string };

/** Sends one request of the model's to the server, or finds its response in the store. */
export type SendCall = (body: string) => Promise<CallResponse>;

export interface CallResponse {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/** Everything that a program needs for one result. All of it can be copied into a thread except `send` and `signal`. */
export interface ProgramRequest {
  readonly testCase: ProgramCase;
  readonly seed: number;
  readonly settings: ProgramSettings;
  readonly sampling: Sampling;
  readonly date: string;
  readonly capabilities: ServerCapabilities;
  readonly send: SendCall;
  readonly signal: AbortSignal;
}

/** What a program came to, before its tokens are counted together. */
export interface ProgramReply {
  readonly text: string;
  readonly toolCalls: readonly { readonly name: string; readonly arguments: string }[] | undefined;
  readonly steps: readonly Step[];
  /** The answer to each message of the user, and how many calls of the model there were up to its end. */
  readonly turns: readonly { readonly text: string; readonly steps: number }[] | undefined;
}

/** A program that is ready for one request after the other. */
export interface ProgramSession extends AsyncDisposable {
  run(request: ProgramRequest): Promise<ProgramReply>;
}

/** A program as an experiment runs it. */
export interface Program {
  /** Part of the keys of its results. */
  readonly identity: string;
  /** The code has no identity: it runs again in each run, and only the responses to its model calls are reused. */
  readonly isVolatile: boolean;
  /** For reports. */
  readonly description: string;
  openSession(): ProgramSession;
}
