/** What makes LangChain post every run to LangSmith. */
const TRACING_VARIABLES = ["LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING", "LANGCHAIN_TRACING_V2"];

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether LangChain would post runs to LangSmith. */
export function isTracingSwitchedOn(environment: Environment = process.env): boolean {
  return TRACING_VARIABLES.some((name) => environment[name] === "true");
}

/** Whether the user wants the model's own requests traced, too. */
export function isTracingWanted(environment: Environment = process.env): boolean {
  return ["1", "true", "yes", "on"].includes(environment["GPT_OSS_TRACING"]?.trim().toLowerCase() ?? "");
}

/**
 * For a program of our own, which traces nothing unless GPT_OSS_TRACING asks for it: removes LangSmith's switches from its environment.
 * A library must not do that to the application around it.
 * @returns whether there was something to switch off
 */
export function switchTracingOff(wanted: boolean, environment: NodeJS.ProcessEnv = process.env): boolean {
  if (wanted) return false;
  const present = TRACING_VARIABLES.filter((name) => environment[name] !== undefined);
  // LangChain reads process.env itself, so the variables have to be removed there
  for (const name of present) delete environment[name];
  return present.length > 0;
}
