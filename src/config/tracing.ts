/** What makes LangChain post every run to LangSmith. */
const TRACING_VARIABLES = ["LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING", "LANGCHAIN_TRACING_V2"];

/**
 * Nothing leaves the machine unasked: takes LangSmith's switches out of the environment unless our own option asks for them.
 * @returns whether there was something to switch off
 */
export function switchTracingOff(wanted: boolean, environment: NodeJS.ProcessEnv = process.env): boolean {
  if (wanted) return false;
  const present = TRACING_VARIABLES.filter((name) => environment[name] !== undefined);
  // LangChain reads process.env itself, so it is there that the variables have to go
  for (const name of present) delete environment[name];
  return present.some((name) => name !== undefined);
}
