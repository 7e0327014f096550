export const experiment = {
  description: "run prompt experiments and look at what they came to",
  /** An argument that names a run. */
  runArgument: "NAME (its latest run), NAME~1 (the one before), NAME/RUN, or a run's folder",
  format: "what is written to standard output",
  out: "folder of all runs",
  allowJavascript: "run the modules that the experiment's checks name",
  run: {
    description: "run an experiment, by name or by the path of its YAML file; run it again to go on",
    limit: "only the first cases",
    only: "only such variants, cases, efforts, models or temperatures; may be repeated",
    repeats: "times that each cell is asked",
    exact: "one slot and no cache: the same seed gives the same answer",
    dryRun: "say what would be asked, and ask nothing",
    fresh: "ask everything again and replace the stored answers",
    model: "instead of the experiment's own models",
    baseUrl: "use the llama-server at this address instead of starting one (OPENAI_BASE_URL)",
    llamaServer: "use this llama-server program (GPT_OSS_LLAMA_SERVER)",
    slots: "cells that are asked at once",
    require: "exit with 1 unless met, such as 'score>=0.8' or 'no_regression=0.05'; may be repeated",
    noRegression:
      "exit with 1 when a variant scores lower than its baseline, or the cases are too few to tell; with =0.05, unless a larger loss of score is ruled out",
  },
  report: { description: "show a run's results, in any format" },
  rescore: { description: "apply the checks that the experiment has now to answers that are there" },
  compare: { description: "compare two runs, case by case: what the second one changed" },
  diff: {
    description: "show answers beside the baseline's, with what changed marked",
    arm: "only this arm",
    all: "all cases, and not only those whose answers differ",
  },
  list: { description: "experiments that can be run, and runs that there are" },
  schema: { description: "print the JSON Schema of an experiment's YAML file, for editors" },
};
