import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import type { CallbackManager, Callbacks } from "@langchain/core/callbacks/manager";
import { ensureConfig, type RunnableConfig } from "@langchain/core/runnables";
import { LangChainTracer } from "@langchain/core/tracers/tracer_langchain";
import { isTracingSwitchedOn, isTracingWanted } from "../config/tracing.ts";

const TRACER = "langchain_tracer";

/**
 * Takes the place of LangSmith's tracer. LangChain adds the real one to every run unless a handler of this name exists; no variable and
 * no option keeps a single run out.
 */
class NoTracer extends BaseCallbackHandler {
  override name = TRACER;
  override ignoreLLM = true;
  override ignoreChain = true;
  override ignoreAgent = true;
  override ignoreRetriever = true;
  override ignoreCustomEvent = true;

  /** LangChain keeps the configuration of the run that is under way in what its tracer gives it here. */
  getRunTreeWithTracingConfig(): { readonly tracingEnabled: false } {
    return { tracingEnabled: false };
  }

  /** LangChain passes runs of LangSmith's own functions to its tracer. */
  updateFromRunTree(): void {
    // nothing is recorded
  }
}

/**
 * The same configuration for a run that LangSmith never gets, whatever the application around it traces, unless GPT_OSS_TRACING
 * asks for it. The environment stays as it is: the application's own runs are its own business.
 */
export function withoutTracing(options: Partial<RunnableConfig> | undefined): Partial<RunnableConfig> {
  if (isTracingWanted()) return { ...options };
  const config = ensureConfig(options);
  return { ...options, ...config, callbacks: callbacksWithoutTracing(config.callbacks) };
}

/** The same for callbacks alone; they are handed back as they are where nothing is traced, since a handler costs time. */
export function callbacksWithoutTracing(callbacks: Callbacks | undefined): Callbacks | undefined {
  const handlers = Array.isArray(callbacks) ? callbacks : (callbacks?.handlers ?? []);
  const isTraced = handlers.some((handler) => isTracer(handler) && !(handler instanceof NoTracer));
  if (!isTraced && !isTracingSwitchedOn() && LangChainTracer.getTraceableRunTree() === undefined) return callbacks;
  if (callbacks === undefined || Array.isArray(callbacks)) {
    return [...(callbacks ?? []).filter((handler) => !isTracer(handler)), new NoTracer()];
  }
  const manager: CallbackManager = callbacks.copy();
  for (const handler of manager.handlers.filter(isTracer)) manager.removeHandler(handler);
  manager.addHandler(new NoTracer(), true);
  return manager;
}

function isTracer(handler: object): boolean {
  return "name" in handler && handler.name === TRACER;
}
