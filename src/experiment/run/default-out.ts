/** Where runs are kept unless told otherwise, in the current folder. It stands apart so that `--help` need not load what reads a run. */
export const DEFAULT_OUT = "experiment-runs";
