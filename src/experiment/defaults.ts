/** Where runs are kept unless told otherwise, in the current folder. It stands apart so that `--help` need not load what reads a run. */
export const DEFAULT_OUT = "experiment-runs";

/** In which forms a report comes. */
export const FORMATS = ["table", "markdown", "csv", "json", "junit", "html", "labels"] as const;
export type Format = (typeof FORMATS)[number];
